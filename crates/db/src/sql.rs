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

/// The statement `text`, with `$1`, `$2`… for what [`Sql::bind`] binds, first used in that order. `Row` are the SQL
/// types of its columns; load it into a struct that derives `Queryable` with its fields in the same order.
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

/// Values that can be put in the place of `$1`, `$2`…
pub trait Values {
    /// How many.
    const COUNT: usize;

    /// Writes `text` up to and with the place of the last value; answers what is left of it.
    fn walk<'b>(&'b self, text: &'static str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<&'static str>;
}

impl Values for () {
    const COUNT: usize = 0;

    fn walk<'b>(&'b self, text: &'static str, _: &mut AstPass<'_, 'b, Pg>) -> QueryResult<&'static str> {
        Ok(text)
    }
}

impl<Others, T, V> Values for Bound<Others, T, V>
where
    Others: Values,
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    const COUNT: usize = Others::COUNT + 1;

    fn walk<'b>(&'b self, text: &'static str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<&'static str> {
        let text = self.others.walk(text, out)?;
        let (before, after) = split(text, Self::COUNT)
            .ok_or_else(|| Error::QueryBuilderError(format!("${} is not in {text:?}", Self::COUNT).into()))?;
        out.push_sql(before);
        out.push_bind_param::<T, V>(&self.value)?;
        Ok(after)
    }
}

/// The text before and after the first `$place`.
fn split(text: &'static str, place: usize) -> Option<(&'static str, &'static str)> {
    let mut from = 0;
    loop {
        let dollar = from + text.get(from..)?.find('$')?;
        let number = text.get(dollar + 1..)?;
        let digits = number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = number.get(digits..)?;
        if number.get(..digits)?.parse() == Ok(place) {
            return Some((text.get(..dollar)?, after));
        }
        from = text.len() - after.len();
    }
}

impl<Row, V: Values> QueryFragment<Pg> for Sql<Row, V> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let rest = self.values.walk(self.text, &mut out)?;
        out.push_sql(rest);
        Ok(())
    }
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
