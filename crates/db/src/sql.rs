//! Statements written as SQL and prepared once.

use std::fmt;
use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

/// A statement written as SQL, whose columns have the types `Row`, in that order; see [`sql`].
#[derive(Clone, Copy)]
#[must_use = "it is sent only by `load`, `get_result` or `execute`"]
pub struct Sql<Row, Values = ()> {
    text: &'static str,
    values: Values,
    row: PhantomData<fn() -> Row>,
}

/// A bound value of the SQL type `T`, behind others.
#[derive(Clone, Copy)]
pub struct Bound<Others, T, V> {
    others: Others,
    value: V,
    sql_type: PhantomData<fn() -> T>,
}

/// The statement `text`, with `$1`, `$2`… for what [`Sql::bind`] binds, in that order. `Row` are the SQL types of its
/// columns; load it into a struct that derives `Queryable` with its fields in the same order.
///
/// Unlike diesel's `sql_query` it is prepared once per connection, and its columns are found by place. The text is
/// `'static`, so that no value can become part of it.
pub fn sql<Row>(text: &'static str) -> Sql<Row> {
    Sql { text, values: (), row: PhantomData }
}

impl<Row, Values> Sql<Row, Values> {
    /// Binds the next value.
    pub fn bind<T, V>(self, value: V) -> Sql<Row, Bound<Values, T, V>> {
        let values = Bound { others: self.values, value, sql_type: PhantomData };
        Sql { text: self.text, values, row: PhantomData }
    }
}

/// Values that can be put in the places of a statement.
pub trait Values {
    /// How many.
    const COUNT: usize;

    /// Writes the place of value `number`, and the value.
    fn push<'b>(&'b self, number: usize, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl Values for () {
    const COUNT: usize = 0;

    fn push<'b>(&'b self, number: usize, _: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Err(Error::QueryBuilderError(format!("nothing is bound to ${number}").into()))
    }
}

impl<Others, T, V> Values for Bound<Others, T, V>
where
    Others: Values,
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    const COUNT: usize = Others::COUNT + 1;

    fn push<'b>(&'b self, number: usize, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if number == Self::COUNT { out.push_bind_param::<T, V>(&self.value) } else { self.others.push(number, out) }
    }
}

/// The most values of one statement.
const MOST: usize = 16;
/// Their places, as diesel writes them.
const PLACES: [&str; MOST] =
    ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16"];

impl<Row, V: Values> QueryFragment<Pg> for Sql<Row, V> {
    /// diesel numbers values in the order in which they come, so they are sent in the order in which the text names
    /// them first.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if V::COUNT == 0 {
            out.push_sql(self.text);
            return Ok(());
        }
        let (mut named, mut sent) = ([""; MOST], 0);
        let mut rest = self.text;
        while let Some((before, number, after)) = next_place(rest) {
            out.push_sql(before);
            rest = after;
            match named.get_mut(number.wrapping_sub(1)) {
                Some(place) if place.is_empty() => {
                    self.values.push(number, &mut out)?;
                    *place = PLACES.get(sent).copied().unwrap_or_default();
                    sent += 1;
                }
                Some(place) => out.push_sql(place),
                None => return Err(Error::QueryBuilderError(format!("${number} is too many").into())),
            }
        }
        out.push_sql(rest);
        if sent == V::COUNT {
            return Ok(());
        }
        Err(Error::QueryBuilderError(format!("{} values, {sent} places in {:?}", V::COUNT, self.text).into()))
    }
}

/// The text before the next `$number`, the number, and the text after it.
fn next_place(text: &'static str) -> Option<(&'static str, usize, &'static str)> {
    let (before, after) = text.split_once('$')?;
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, after) = after.split_at_checked(digits)?;
    Some((before, number.parse().unwrap_or(0), after))
}

impl<Row, V> QueryId for Sql<Row, V> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Row, V> Query for Sql<Row, V> {
    type SqlType = Row;
}

impl<Row, V> fmt::Debug for Sql<Row, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sql").field(&self.text).finish()
    }
}

impl<Others, T, V> fmt::Debug for Bound<Others, T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bound")
    }
}
