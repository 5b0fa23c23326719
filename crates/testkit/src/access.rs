//! Who may do what: every operation of the document, by everybody.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use crate::document::operations;
use crate::{Actor, Subject, TestApp};

/// The five who try, in this order.
const WHO: [&str; 5] = ["nobody", "stranger", "owner", "coach", "admin"];

/// The table of a service: one row for each operation, five statuses.
pub struct Access<S: Subject> {
    app: TestApp<S>,
    rows: BTreeMap<&'static str, Row<S>>,
}

struct Row<S: Subject> {
    expected: [u16; 5],
    given: Box<Prepare<S>>,
}

type Prepare<S> = dyn Fn(TestApp<S>, Actor) -> Pin<Box<dyn Future<Output = Given>>>;

/// What a call needs: the names in its path, a body or a form, headers.
#[derive(Clone, Debug, Default)]
pub struct Given {
    path: Vec<(&'static str, String)>,
    query: String,
    body: Option<Value>,
    form: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
}

impl Given {
    /// Nothing.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// What stands for `{name}` in the path.
    #[must_use]
    pub fn path(mut self, name: &'static str, value: impl ToString) -> Self {
        self.path.push((name, value.to_string()));
        self
    }

    /// A query, without its question mark.
    #[must_use]
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.query = query.into();
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn body(mut self, json: impl Serialize) -> Self {
        self.body = Some(serde_json::to_value(json).unwrap());
        self
    }

    /// One more field of a form.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.form.push((name, value.into()));
        self
    }

    /// A header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl<S: Subject> Access<S> {
    /// An empty table.
    pub async fn of(app: &TestApp<S>) -> Self {
        Self { app: app.clone(), rows: BTreeMap::new() }
    }

    /// An operation that needs nothing, and how it answers nobody, stranger, owner, coach and admin.
    #[must_use]
    pub fn row(self, operation: &'static str, expected: [u16; 5]) -> Self {
        self.row_given(operation, expected, |_, _| async { Given::nothing() })
    }

    /// An operation, how it answers the five, and what it is called with. `given` is run for each of them anew, with an
    /// owner that is somebody new each time, so that no call spoils the next.
    #[must_use]
    pub fn row_given<F>(
        mut self,
        operation: &'static str,
        expected: [u16; 5],
        given: impl Fn(TestApp<S>, Actor) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = Given> + 'static,
    {
        let given: Box<Prepare<S>> = Box::new(move |app, owner| Box::pin(given(app, owner)));
        let former = self.rows.insert(operation, Row { expected, given });
        assert!(former.is_none(), "{operation} has two rows");
        self
    }

    /// Tries everything, and tells all that is not as the table says.
    pub async fn check(self) {
        let document: Value = serde_json::from_str(&server::openapi(&S::definition())).unwrap();
        let mut wrong = String::new();
        let mut rows = self.rows;
        for (id, method, path, guarded) in operations(&document) {
            let Some(row) = rows.remove(id.as_str()) else {
                writeln!(wrong, "{id} ({method} {path}) has no row").unwrap();
                continue;
            };
            if guarded != (row.expected[0] == 401) {
                let says = if guarded { "asks for a token" } else { "is open to all" };
                writeln!(
                    wrong,
                    "{id}: the document says that it {says}, the table that nobody gets {}",
                    row.expected[0]
                )
                .unwrap();
            }
            for (nth, who) in WHO.into_iter().enumerate() {
                let (answered, what) = try_one(&self.app, &row, (&id, &method, &path), who).await;
                if answered != row.expected[nth] {
                    writeln!(wrong, "{id} by {who}: {answered} instead of {}\n    {what}", row.expected[nth]).unwrap();
                }
            }
        }
        for unknown in rows.keys() {
            writeln!(wrong, "{unknown} has a row, and is no operation").unwrap();
        }
        assert!(wrong.is_empty(), "who may do what is not as the table says:\n{wrong}");
    }
}

async fn try_one<S: Subject>(
    app: &TestApp<S>,
    row: &Row<S>,
    (id, method, path): (&str, &str, &str),
    who: &str,
) -> (u16, String) {
    let owner = app.user(&format!("owner of {id} for {who}")).await;
    let given = (row.given)(app.clone(), owner.clone()).await;
    let actor = match who {
        "nobody" => app.nobody(),
        "owner" => owner,
        "coach" => app.coach(&format!("coach for {id}")).await,
        "admin" => app.admin(&format!("admin for {id}")).await,
        _ => app.user(&format!("stranger to {id}")).await,
    };
    let mut path = path.to_owned();
    for (name, value) in &given.path {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    if !given.query.is_empty() {
        path = format!("{path}?{}", given.query);
    }
    let mut call = actor.call(Method::from_bytes(method.as_bytes()).unwrap(), &path);
    for (name, value) in &given.headers {
        call = call.header(name, value);
    }
    if let Some(body) = &given.body {
        call = call.json(body);
    }
    if !given.form.is_empty() {
        let pairs: Vec<_> = given.form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        call = call.form(&pairs);
    }
    let answer = call.await;
    (answer.status, answer.text())
}
