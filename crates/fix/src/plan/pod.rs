//! What a container of a static pod sees of its host, by the manifest.

use seaworthy_yaml::Node as Yaml;

/// Volumes of the host, and where one container mounts them.
pub(crate) struct Seen {
    volumes: Vec<(String, Option<String>)>,
    mounts: Vec<Mounted>,
    /// Its words: command, then arguments.
    pub(crate) words: Vec<String>,
}

struct Mounted {
    volume: String,
    path: String,
    read_only: bool,
    sub_path: String,
}

impl Seen {
    /// Reads a manifest.
    pub(crate) fn read(text: &str, container: &str) -> Result<Seen, String> {
        let document = seaworthy_yaml::parse(text).map_err(|error| error.to_string())?;
        let spec = document.root.get("spec").ok_or("the manifest has no spec")?;
        let word = |node: &Yaml, key: &str| node.get(key).and_then(Yaml::text).map(|text| text.into_owned());
        let volumes = list(spec, "volumes").iter().map(|volume| {
            let path = volume.get("hostPath").and_then(|host| word(host, "path"));
            (word(volume, "name").unwrap_or_default(), path)
        });
        let container = list(spec, "containers")
            .iter()
            .find(|node| word(node, "name").as_deref() == Some(container))
            .ok_or_else(|| format!("the manifest has no container {container}"))?;
        let mounts = list(container, "volumeMounts").iter().filter_map(|mount| {
            Some(Mounted {
                volume: word(mount, "name")?,
                path: word(mount, "mountPath")?.trim_end_matches('/').to_owned(),
                read_only: mount.get("readOnly").and_then(Yaml::as_bool).unwrap_or(false),
                sub_path: word(mount, "subPath").unwrap_or_default(),
            })
        });
        let words = list(container, "command").iter().chain(list(container, "args"));
        Ok(Seen {
            volumes: volumes.collect(),
            mounts: mounts.collect(),
            words: words.map(|node| node.text().map_or_else(String::new, |text| text.into_owned())).collect(),
        })
    }

    /// Mounts of the host: host path, path in the container, whether it is read-only.
    fn mounted(&self) -> impl Iterator<Item = (String, &str, bool)> {
        self.mounts.iter().filter_map(|mount| {
            let (_, host) = self.volumes.iter().find(|(name, _)| *name == mount.volume)?;
            let host = host.as_ref()?.trim_end_matches('/');
            let host = if mount.sub_path.is_empty() { host.to_owned() } else { format!("{host}/{}", mount.sub_path) };
            Some((host, mount.path.as_str(), mount.read_only))
        })
    }

    /// Where the container sees a path of the host, if it does; where it may write there, if that is wanted.
    pub(crate) fn inside(&self, path: &str, writable: bool) -> Option<String> {
        let found = self.mounted().filter(|(.., read_only)| !(writable && *read_only));
        let found =
            found.filter_map(|(host, inside, _)| Some((host.len(), format!("{inside}{}", below(path, &host)?))));
        // What is mounted deeper in the container hides what is above it.
        let (_, inside) = found.max_by_key(|(length, _)| *length)?;
        (self.outside(&inside).as_deref() == Some(path)).then_some(inside)
    }

    /// Where on the host a path of the container is, if a volume of the host holds it.
    pub(crate) fn outside(&self, path: &str) -> Option<String> {
        let deepest = self
            .mounts
            .iter()
            .filter(|mount| below(path, &mount.path).is_some())
            .max_by_key(|mount| mount.path.len())?;
        let (host, inside, _) = self.mounted().find(|(_, inside, _)| *inside == deepest.path)?;
        Some(format!("{host}{}", below(path, inside)?))
    }

    /// A name for a volume of this path that no other volume has.
    pub(crate) fn free_name(&self, path: &str) -> String {
        let base: String = path
            .rsplit('/')
            .next()
            .unwrap_or("files")
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        let base = base.trim_matches('-').trim_end_matches("-yaml").to_owned();
        let base = if base.is_empty() { "files".to_owned() } else { base };
        let taken = |name: &str| self.volumes.iter().any(|(known, _)| known == name);
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        std::iter::once(base.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(base)
    }
}

/// The rest of `path` below `directory`, if it is there or below.
pub(crate) fn below<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    path.strip_prefix(directory).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn list<'y>(node: &'y Yaml, key: &str) -> &'y [Yaml] {
    node.get(key).and_then(Yaml::as_list).unwrap_or_default()
}
