//! Cursors.

use problem::{Problem, codes};
use uuid::Uuid;

use crate::page::{Cursors, Key, List, Page};

const LIST: fn() -> List = || List::new("posts", "new").filtered("author", Some("ada"));

fn cursors() -> Cursors {
    Cursors::new(&"secret".to_owned().into())
}

fn key() -> Key {
    Key::at("2026-03-29T00:30:00.123456Z".parse().unwrap(), Uuid::from_u128(7))
}

fn opened(cursor: &str, list: &List) -> Result<Page, Problem> {
    cursors().page(20, Some(cursor), list)
}

#[test]
fn a_cursor_leads_to_where_it_was_made() {
    let page = opened(&cursors().cursor(key(), &LIST()), &LIST()).unwrap();
    assert_eq!(page, Page { limit: 20, after: Some(key()) });
    assert_eq!(key().instant(), Some("2026-03-29T00:30:00.123456Z".parse().unwrap()));
    assert_eq!(cursors().page(20, None, &LIST()).unwrap().after, None);
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let cursor = cursors().cursor(key(), &LIST());
    let others = [
        List::new("comments", "new").filtered("author", Some("ada")),
        List::new("posts", "hot").filtered("author", Some("ada")),
        List::new("posts", "new").filtered("author", Some("bob")),
        List::new("posts", "new").filtered("author", None::<&str>),
    ];
    for other in others {
        assert_eq!(opened(&cursor, &other).unwrap_err().code(), &codes::BAD_CURSOR, "{other:?}");
    }
}

#[test]
fn a_cursor_that_nobody_signed_is_refused() {
    let ours = cursors().cursor(key(), &LIST());
    let theirs = Cursors::new(&"other".to_owned().into()).cursor(key(), &LIST());
    let (text, signature) = ours.split_once('.').unwrap();
    let another = cursors().cursor(Key { id: Uuid::from_u128(8), ..key() }, &LIST());
    let (other_text, _) = another.split_once('.').unwrap();
    let made_up = [
        theirs,
        String::new(),
        text.to_owned(),
        format!("{text}."),
        format!("{text}.{}", &signature[..4]),
        format!("{other_text}.{signature}"),
        format!(".{signature}"),
        "a".repeat(5000),
        "é.é".to_owned(),
    ];
    for cursor in made_up {
        assert_eq!(opened(&cursor, &LIST()).unwrap_err().code(), &codes::BAD_CURSOR, "{cursor}");
    }
}

#[test]
fn one_row_more_than_asked_for_means_another_page() {
    let page = Page { limit: 2, after: None };
    let place = |n: &u32| Key { k: Vec::new(), id: Uuid::from_u128(u128::from(*n)) };
    assert_eq!(page.rows(), 3);
    assert_eq!(page.split(vec![1, 2], place), (vec![1, 2], None));
    assert_eq!(page.split(vec![1, 2, 3], place), (vec![1, 2], Some(place(&2))));
    assert_eq!(page.split(Vec::new(), place), (Vec::new(), None));
}
