//! systemd's D-Bus interface: over the system bus, or on systemd's private socket where there is no bus daemon.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt as _;
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::names::OwnedUniqueName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream};

use super::{RestartError, TICK, Wait};

const NAME: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
const SERVICE: &str = "org.freedesktop.systemd1.Service";

/// How systemd is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Systemd {
    /// The address of the system bus.
    pub bus: String,
    /// The address of systemd's own socket, which root may use where there is no bus.
    pub private: Option<String>,
}

impl Default for Systemd {
    fn default() -> Self {
        Systemd {
            bus: "unix:path=/run/dbus/system_bus_socket".to_owned(),
            private: Some("unix:path=/run/systemd/private".to_owned()),
        }
    }
}

/// How a unit is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitState {
    /// `active`, `activating`, `failed`.
    pub active: String,
    /// `running`, `auto-restart`, `dead`.
    pub sub: String,
    /// What became of its last run: `success`, `exit-code`, `signal`.
    pub result: String,
}

impl std::fmt::Display for UnitState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}), its result {}", self.active, self.sub, self.result)
    }
}

/// A connection, and who systemd is on it. On the private socket there are no names.
struct Client {
    connection: Connection,
    owner: Option<OwnedUniqueName>,
}

impl Systemd {
    /// Whether the unit's main process is this one.
    ///
    /// # Errors
    /// See [`RestartError`].
    pub fn manages(&self, unit: &str, pid: u32, wait: &Wait<'_>) -> Result<bool, RestartError> {
        Ok(self.main_pid(unit, wait)? == pid)
    }

    /// The unit's main process, 0 if it has none.
    ///
    /// # Errors
    /// See [`RestartError`].
    pub fn main_pid(&self, unit: &str, wait: &Wait<'_>) -> Result<u32, RestartError> {
        run("say which process the unit has", wait, async {
            let client = self.connect().await?;
            // `LoadUnit` would make up a unit that does not exist.
            let object = client.unit(unit, "GetUnit").await?;
            client.main_pid(&object).await
        })
    }

    /// Lets systemd read its units again, as `systemctl daemon-reload` does.
    ///
    /// # Errors
    /// See [`RestartError`].
    pub fn daemon_reload(&self, wait: &Wait<'_>) -> Result<(), RestartError> {
        run("read its units again", wait, async {
            let client = self.connect().await?;
            let answer = client.call(PATH, MANAGER, "Reload", &()).await;
            answer.map(|_| ()).map_err(|error| refused("read its units again", &error))
        })
    }

    /// Restarts a unit, waits for the end of that job and then for the unit's new process, and gives its number.
    ///
    /// # Errors
    /// See [`RestartError`].
    pub fn restart(&self, unit: &str, wait: &Wait<'_>) -> Result<u32, RestartError> {
        run(&format!("restart {unit}"), wait, async {
            let client = self.connect().await?;
            // A unit that is not loaded has no process.
            let old = match client.unit(unit, "GetUnit").await {
                Ok(object) => client.main_pid(&object).await?,
                Err(RestartError::NoSuchUnit { .. }) => 0,
                Err(error) => return Err(error),
            };
            let result = client.restart(unit).await?;
            // One that failed may have been unloaded since.
            let object = client.unit(unit, "LoadUnit").await?;
            if result != "done" {
                let state = client.state(&object).await?;
                return Err(RestartError::JobFailed { unit: unit.to_owned(), result, state });
            }
            loop {
                let main = client.main_pid(&object).await?;
                if main != 0 && main != old {
                    return Ok(main);
                }
                let state = client.state(&object).await?;
                if state.active == "failed" {
                    return Err(RestartError::JobFailed { unit: unit.to_owned(), result, state });
                }
                tokio::time::sleep(TICK).await;
            }
        })
    }

    async fn connect(&self) -> Result<Client, RestartError> {
        let bus = match on_bus(&self.bus).await {
            Ok(client) => return Ok(client),
            Err(error) => format!("{}: {error}", self.bus),
        };
        let Some(private) = &self.private else {
            return Err(RestartError::NoSystemd { bus, private: "there is no private socket to try".to_owned() });
        };
        match peer(private).await {
            Ok(connection) => Ok(Client { connection, owner: None }),
            Err(error) => Err(RestartError::NoSystemd { bus, private: format!("{private}: {error}") }),
        }
    }
}

/// The bus, and systemd's own name on it: anybody may send a signal that looks like one of systemd's, but not under that name.
async fn on_bus(address: &str) -> zbus::Result<Client> {
    let connection = Builder::address(address)?.build().await?;
    let bus = "org.freedesktop.DBus";
    let answer = connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "GetNameOwner", &NAME).await?;
    let owner: OwnedUniqueName = answer.body().deserialize()?;
    Ok(Client { connection, owner: Some(owner) })
}

async fn peer(address: &str) -> zbus::Result<Connection> {
    Builder::address(address)?.p2p().build().await
}

/// Runs a conversation to its end, for as long as the caller wants to wait.
fn run<T>(what: &str, wait: &Wait<'_>, talk: impl Future<Output = Result<T, RestartError>>) -> Result<T, RestartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(RestartError::Runtime)?;
    let answer = runtime.block_on(async {
        let given_up = async {
            while !(wait.cancelled)() {
                tokio::time::sleep(TICK).await;
            }
        };
        tokio::select! {
            answer = talk => answer,
            () = given_up => Err(RestartError::Cancelled),
            () = tokio::time::sleep(wait.timeout.max(Duration::from_millis(1))) => {
                Err(RestartError::NoAnswer { what: what.to_owned(), seconds: wait.timeout.as_secs() })
            }
        }
    });
    runtime.shutdown_background();
    answer
}

fn refused(what: &str, error: &zbus::Error) -> RestartError {
    RestartError::Refused { what: what.to_owned(), message: words(error) }
}

/// An error in the words of whoever sent it. They are text from elsewhere.
fn words(error: &zbus::Error) -> String {
    let text = match error {
        zbus::Error::MethodError(name, Some(message), _) => format!("{message} ({name})"),
        other => other.to_string(),
    };
    crate::health::logs::safe(&text)
}

impl Client {
    /// On a bus the message needs an address; on the private socket it does no harm.
    async fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.connection.call_method(Some(NAME), path, Some(interface), method, body).await
    }

    async fn unit(&self, unit: &str, method: &str) -> Result<OwnedObjectPath, RestartError> {
        let answer = self.call(PATH, MANAGER, method, &unit).await.map_err(|error| no_unit(unit, &error))?;
        answer.body().deserialize().map_err(|error| refused("name the unit's object", &error))
    }

    async fn property<T>(&self, object: &OwnedObjectPath, interface: &str, name: &str) -> Result<T, RestartError>
    where
        T: TryFrom<OwnedValue>,
    {
        let properties = "org.freedesktop.DBus.Properties";
        let what = format!("tell the unit's {name}");
        let answer = self.call(object.as_str(), properties, "Get", &(interface, name)).await;
        let value: OwnedValue =
            answer.and_then(|answer| answer.body().deserialize()).map_err(|error| refused(&what, &error))?;
        T::try_from(value).map_err(|_| RestartError::Refused { what, message: "it is of another type".to_owned() })
    }

    async fn main_pid(&self, object: &OwnedObjectPath) -> Result<u32, RestartError> {
        self.property(object, SERVICE, "MainPID").await
    }

    async fn state(&self, object: &OwnedObjectPath) -> Result<UnitState, RestartError> {
        Ok(UnitState {
            active: self.property(object, UNIT, "ActiveState").await?,
            sub: self.property(object, UNIT, "SubState").await?,
            result: self.property(object, SERVICE, "Result").await?,
        })
    }

    /// Asks for the restart and gives the job's result. Listens before it asks: the job may be over at once.
    async fn restart(&self, unit: &str) -> Result<String, RestartError> {
        let listen = |error: zbus::Error| refused("tell of its jobs", &error);
        let mut rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .path(PATH)
            .and_then(|rule| rule.interface(MANAGER))
            .and_then(|rule| rule.member("JobRemoved"))
            .map_err(listen)?;
        if let Some(owner) = &self.owner {
            rule = rule.sender(owner.clone()).map_err(listen)?;
        }
        let mut signals =
            MessageStream::for_match_rule(rule.build(), &self.connection, Some(256)).await.map_err(listen)?;
        // Only who subscribed hears of jobs. That somebody did so before on this connection is no matter.
        let _ = self.call(PATH, MANAGER, "Subscribe", &()).await;
        let answer = self.call(PATH, MANAGER, "RestartUnit", &(unit, "replace")).await;
        let job: OwnedObjectPath = answer
            .map_err(|error| no_unit(unit, &error))?
            .body()
            .deserialize()
            .map_err(|error| refused("name the job", &error))?;
        while let Some(signal) = signals.next().await {
            let signal = signal.map_err(|error| refused("tell of its jobs", &error))?;
            let body = signal.body();
            // What cannot be read is not the signal that is waited for.
            let Ok((_, removed, _, result)) = body.deserialize::<(u32, OwnedObjectPath, String, String)>() else {
                continue;
            };
            if removed == job {
                return Ok(result);
            }
        }
        Err(RestartError::Refused { what: "tell of its jobs".to_owned(), message: "the connection ended".to_owned() })
    }
}

fn no_unit(unit: &str, error: &zbus::Error) -> RestartError {
    let unknown = |name: &str| name.ends_with(".NoSuchUnit") || name.ends_with(".LoadFailed");
    match error {
        zbus::Error::MethodError(name, ..) if unknown(name.as_str()) => {
            RestartError::NoSuchUnit { unit: unit.to_owned(), message: words(error) }
        }
        error => refused(&format!("restart {unit}"), error),
    }
}
