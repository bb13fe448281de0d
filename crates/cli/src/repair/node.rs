//! The node that is repaired: read, and judged, as `run` does it.

use std::path::{Path, PathBuf};

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_collect::Tree;
use seaworthy_collect::cluster::{self, Surroundings};
use seaworthy_engine::{Options, Selection};
use seaworthy_fix::plan::{Asked, Node, Risk};
use seaworthy_model::{Facts, Report};

use crate::arguments::{Repaired, RiskWord, Which};
use crate::exit::Failure;
use crate::{facts, judged};

/// A node, and all that is known about it.
pub(crate) struct Site {
    pub(crate) tree: Box<dyn Tree>,
    pub(crate) catalogue: Catalogue,
    pub(crate) platform: Platform,
    pub(crate) options: Options,
    pub(crate) collect: seaworthy_collect::Options,
    pub(crate) facts: Facts,
    pub(crate) report: Report,
    pub(crate) around: Option<Surroundings>,
}

impl Site {
    /// Reads and judges the node that the arguments name.
    pub(crate) fn open(arguments: &Repaired) -> Result<Site, Failure> {
        let root = arguments.root.as_deref().unwrap_or(Path::new("/"));
        let tree = seaworthy_collect::open(root).map_err(|error| Failure::usage(error.to_string()))?;
        let mut site = Site::of(tree, arguments)?;
        site.around = site.surroundings(arguments, root);
        Ok(site)
    }

    /// Reads and judges a tree that is a node of Kubernetes. The API is not asked.
    pub(crate) fn of(tree: Box<dyn Tree>, arguments: &Repaired) -> Result<Site, Failure> {
        let site = Site::read(tree, arguments)?;
        if seaworthy_engine::nothing_here(&site.facts, &site.report) {
            return Err(Failure::nothing("there is no Kubernetes on this machine")
                .hint("--root DIR looks at a node that is mounted at DIR"));
        }
        Ok(site)
    }

    fn read(tree: Box<dyn Tree>, arguments: &Repaired) -> Result<Site, Failure> {
        let catalogue = facts::catalogue(arguments.catalogue.as_deref())?;
        let asked = arguments.platform.as_deref();
        let platform = match asked {
            None => match seaworthy_collect::recognise(tree.as_ref(), &catalogue) {
                Some(platform) => platform,
                None => facts::platform(&catalogue, None)?,
            },
            Some(_) => facts::platform(&catalogue, asked)?,
        }
        .clone();
        let options = Options {
            benchmark: arguments.benchmark.clone(),
            platform: Some(platform.name.clone()),
            kubernetes_version: arguments.kubernetes_version,
            selection: Selection::default(),
            waivers: judged::waivers(arguments.waivers.as_deref())?,
            today: facts::now().get(..10).map(str::to_owned),
            tool: Some(facts::tool()),
        };
        let collect = facts::options(None);
        let (facts, report) = read(tree.as_ref(), &catalogue, &platform, &options, &collect)?;
        Ok(Site { tree, catalogue, platform, options, collect, facts, report, around: None })
    }

    /// By which kubeconfig the API is asked: the one that was given, or an administrator's of this node.
    pub(crate) fn kubeconfig(&self, arguments: &Repaired, root: &Path) -> Option<PathBuf> {
        let own = self.platform.repair.iter().flat_map(|repair| &repair.administrator);
        let own = own.map(|path| root.join(path.trim_start_matches('/'))).find(|path| path.is_file());
        arguments.kubeconfig.clone().or(own)
    }

    /// A node of which nothing is asked but how it is laid out: what is on it may be broken.
    pub(crate) fn bare(arguments: &Repaired) -> Result<Site, Failure> {
        let root = arguments.root.as_deref().unwrap_or(Path::new("/"));
        let tree = seaworthy_collect::open(root).map_err(|error| Failure::usage(error.to_string()))?;
        Site::read(tree, arguments)
    }

    /// What the API says of the cluster around the node, if there is a way to ask.
    fn surroundings(&self, arguments: &Repaired, root: &Path) -> Option<Surroundings> {
        let kubeconfig = self.kubeconfig(arguments, root)?;
        Some(match facts::server(Some(&kubeconfig), None) {
            Ok(server) => cluster::surroundings(&server),
            Err(failure) => {
                let why = failure.message;
                Surroundings {
                    members: Err(why.clone()),
                    nodes: Err(why.clone()),
                    external_ips: Err(why.clone()),
                    local_images: Err(why),
                }
            }
        })
    }

    /// The node as a plan sees it.
    pub(crate) fn node(&self) -> Node<'_> {
        Node {
            tree: self.tree.as_ref(),
            catalogue: &self.catalogue,
            platform: &self.platform,
            facts: &self.facts,
            options: &self.options,
            report: &self.report,
            collect: &self.collect,
            around: self.around.as_ref(),
        }
    }

    /// Numbers of the items that are asked for.
    pub(crate) fn items(&self, which: &Which) -> Result<Vec<String>, Failure> {
        let selection = Selection {
            checks: judged::words(&which.check),
            groups: judged::words(&which.section),
            ..Selection::default()
        };
        let benchmark = Some(self.report.header.benchmark.id.as_str());
        let chosen = seaworthy_engine::chosen(&self.catalogue, benchmark, None, &selection);
        let (_, items) = chosen.map_err(|error| Failure::usage(error.to_string()))?;
        Ok(items.into_iter().map(|item| item.id.clone()).collect())
    }

    /// What is asked for, with what is accepted. Who names a check accepts that its component restarts.
    pub(crate) fn asked(&self, which: &Which, accept: Option<RiskWord>, new_key: bool) -> Result<Asked, Failure> {
        let named = !which.check.is_empty();
        let accept = match accept {
            Some(RiskWord::None) => Risk::None,
            Some(RiskWord::RestartsComponent) => Risk::RestartsComponent,
            Some(RiskWord::MayBreak) => Risk::MayBreak,
            None if named => Risk::RestartsComponent,
            None => Risk::None,
        };
        Ok(Asked { items: self.items(which)?, named, accept, new_key })
    }
}

/// Reads a node and judges it by the whole benchmark.
pub(crate) fn read(
    tree: &dyn Tree,
    catalogue: &Catalogue,
    platform: &Platform,
    options: &Options,
    collect: &seaworthy_collect::Options,
) -> Result<(Facts, Report), Failure> {
    let mut facts = seaworthy_collect::collect(tree, catalogue, platform, collect);
    facts.api = None;
    let report = seaworthy_engine::judge(&facts, catalogue, options);
    report.map(|report| (facts, report)).map_err(|error| Failure::usage(error.to_string()))
}
