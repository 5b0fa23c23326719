//! Roles and databases: who may enter where.

use aws_lc_rs::digest;
use settings::{ExposeSecret, SecretString};
use tokio_postgres::{Client, Config};
use url::Url;

use super::{ADMINISTRATOR, rewritten, with_client};
use crate::credentials::Credentials;
use crate::{DatabaseSpec, Error, Plan};

/// "Jolmood": held while roles and databases are made, since two `CREATE ROLE` of one name do not wait for each other.
const LOCK: i64 = 0x004a_6f6c_6d6f_6f64;

/// How PostgreSQL is entered: as the administrator, or as a role whose password is derived here.
pub(crate) struct Access {
    administrator: Url,
    given: bool,
    credentials: Credentials,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("given", &self.given).finish_non_exhaustive()
    }
}

impl Access {
    /// The plan's PostgreSQL, given or private.
    pub fn of(plan: &Plan) -> Result<Self, Error> {
        let credentials = Credentials::kept(&plan.root()?)?;
        let given = plan.given.postgres.as_ref();
        let text = given.map_or_else(
            || {
                format!(
                    "postgres://{ADMINISTRATOR}:{}@127.0.0.1:{}/postgres",
                    credentials.password(ADMINISTRATOR),
                    plan.ports.postgres
                )
            },
            |url| url.expose_secret().to_owned(),
        );
        let invalid = |reason: &str| Error::Given { server: "PostgreSQL", reason: reason.to_owned() };
        let administrator = Url::parse(&text).map_err(|_| invalid("POSTGRES_URL is not a URL"))?;
        if !administrator.has_host() {
            return Err(invalid("POSTGRES_URL names no host"));
        }
        Ok(Self { administrator, given: given.is_some(), credentials })
    }

    /// Where a role reaches a database.
    pub fn url(&self, role: &str, database: &str) -> SecretString {
        String::from(rewritten(&self.administrator, role, &self.password(role), database)).into()
    }

    /// The same by the socket in `dir`.
    pub fn socket_url(&self, dir: &str, role: &str, database: &str) -> SecretString {
        let (host, port) = (dir.replace('/', "%2F"), self.administrator.port().unwrap_or(5432));
        format!("postgres://{role}:{}@{host}:{port}/{database}", self.password(role)).into()
    }

    /// The same without role and password.
    pub fn anonymous_url(&self, database: &str) -> Url {
        rewritten(&self.administrator, "", "", database)
    }

    /// A role's password.
    pub fn password(&self, role: &str) -> String {
        self.credentials.password(role)
    }

    /// How the administrator enters a database.
    pub fn administrator(&self, database: &str) -> Result<Config, Error> {
        let mut url = self.administrator.clone();
        url.set_path(database);
        let mut config: Config = url.as_str().parse()?;
        config.application_name("backing").connect_timeout(std::time::Duration::from_secs(5));
        Ok(config)
    }
}

/// Does something to roles and databases while nobody else does.
pub(crate) async fn alone<T>(
    access: &Access,
    work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
) -> Result<T, Error> {
    let config = access.administrator("postgres")?;
    let done = with_client(&config, async |client| {
        // The lock ends with the session.
        client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
        work(client).await
    });
    Ok(done.await?)
}

/// A database and who may enter it.
pub(crate) struct Wanted<'a> {
    pub name: &'a str,
    /// The first one owns it.
    pub roles: Vec<String>,
    /// Statements to run in it.
    pub inside: String,
}

impl<'a> Wanted<'a> {
    fn of(spec: &'a DatabaseSpec) -> Result<Self, Error> {
        let (role, owner) = (spec.role(), spec.owner());
        let inside = grants(&quoted(&owner)?, &quoted(&role)?);
        Ok(Self { name: &spec.database, roles: vec![owner, role], inside })
    }

    /// What the database says of itself once all is done: another text, or none, has it done again.
    fn note(&self) -> String {
        let all = format!("{:?}", (&self.roles, &self.inside));
        hex::encode(digest::digest(&digest::SHA256, all.as_bytes()))
    }
}

/// Makes what is missing of every service's database and roles, and says who may do what.
pub(crate) async fn ensure_all(access: &Access, databases: &[DatabaseSpec]) -> Result<(), Error> {
    let wanted = databases.iter().map(Wanted::of).collect::<Result<Vec<_>, _>>()?;
    ensure(access, &wanted).await
}

/// Makes databases and the roles that may enter them where missing; nobody else may.
pub(crate) async fn ensure(access: &Access, databases: &[Wanted<'_>]) -> Result<(), Error> {
    let mut open = Vec::new();
    for wanted in databases {
        wanted.roles.iter().try_for_each(|role| quoted(role).map(drop))?;
        open.push((quoted(wanted.name)?, access.administrator(wanted.name)?, wanted));
    }
    alone(access, async |client| {
        for (database, within, wanted) in &open {
            ensure_one(client, access, wanted, database, within).await?;
        }
        Ok(())
    })
    .await
}

async fn ensure_one(
    client: &Client,
    access: &Access,
    wanted: &Wanted<'_>,
    database: &str,
    within: &Config,
) -> Result<(), tokio_postgres::Error> {
    let query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
    let there = client.query_opt(query, &[&wanted.name]).await?;
    let note: Option<String> = there.as_ref().and_then(|row| row.get(0));
    if note == Some(wanted.note()) && !access.given {
        return Ok(());
    }
    let roles: Vec<String> = wanted.roles.iter().map(|role| format!("\"{role}\"")).collect();
    let owner = roles.first().map_or("", String::as_str);
    for role in &wanted.roles {
        ensure_role(client, access, role).await?;
    }
    if there.is_none() {
        // Only a member of the owner may make it his; a superuser is one already.
        client.batch_execute(&format!("GRANT {owner} TO CURRENT_USER")).await?;
        let shape = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'";
        client.batch_execute(&format!("CREATE DATABASE {database} OWNER {owner} {shape}")).await?;
    }
    let entry = format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC; GRANT CONNECT ON DATABASE {database} TO");
    client.batch_execute(&format!("{entry} {}", roles.join(", "))).await?;
    with_client(within, async |client| client.batch_execute(&wanted.inside).await).await?;
    client.batch_execute(&format!("COMMENT ON DATABASE {database} IS '{}'", wanted.note())).await
}

/// The verifier is made here: no password is ever part of a statement, which servers log and count.
async fn ensure_role(client: &Client, access: &Access, role: &str) -> Result<(), tokio_postgres::Error> {
    let there = client.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&role]).await?.is_some();
    let verb = match (there, access.given) {
        (false, _) => "CREATE",
        // A server from outside may know the role from a folder that is gone, with another password.
        (true, true) => "ALTER",
        (true, false) => return Ok(()),
    };
    let verifier = postgres_protocol::password::scram_sha_256(access.password(role).as_bytes());
    client.batch_execute(&format!("{verb} ROLE \"{role}\" LOGIN PASSWORD '{verifier}'")).await
}

/// Rows for the service, everything else for the owner, now and for what the owner makes later.
fn grants(owner: &str, role: &str) -> String {
    format!(
        "GRANT USAGE ON SCHEMA public TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role};
         ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
         ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {role};
         ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SCHEMAS TO {role};"
    )
}

/// A name that needs no escaping within its quotes.
pub(crate) fn quoted(name: &str) -> Result<String, Error> {
    let fits = name.len() <= 48
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if fits { Ok(format!("\"{name}\"")) } else { Err(Error::Name(name.to_owned())) }
}
