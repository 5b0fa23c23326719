use contracts::{CommentId, PostId};
use posts::comments::rules::{DEEPEST, Misplaced, Parent, Place, below, on_top};
use uuid::Uuid;

const POST: PostId = PostId(Uuid::from_u128(1));

fn id(n: u128) -> CommentId {
    CommentId(Uuid::from_u128(n))
}

fn hex(n: u128) -> String {
    format!("{n:032x}")
}

fn parent(depth: i16, path: &str) -> Parent {
    Parent { post: POST, depth, path: path.into(), deleted: false }
}

#[test]
fn a_comment_on_the_post_begins_a_thread() {
    assert_eq!(on_top(id(7)), Place { depth: 0, path: hex(7) });
}

#[test]
fn an_answer_stands_below_until_it_is_too_deep() {
    let trunk = (1..=8).map(hex).collect::<Vec<_>>().join(".");
    let table = [
        (parent(0, &hex(1)), Place { depth: 1, path: format!("{}.{}", hex(1), hex(7)) }),
        (parent(7, &trunk), Place { depth: 8, path: format!("{trunk}.{}", hex(7)) }),
        (parent(8, &format!("{trunk}.{}", hex(9))), Place { depth: 8, path: format!("{trunk}.{}", hex(7)) }),
    ];
    for (parent, expected) in table {
        assert_eq!(below(Some(&parent), POST, id(7)), Ok(expected), "{parent:?}");
    }
}

#[test]
fn a_path_has_one_id_for_each_step_however_deep_the_talk() {
    let mut place = on_top(id(0));
    for n in 1..30 {
        let parent = parent(place.depth, &place.path);
        place = below(Some(&parent), POST, id(n)).unwrap();
        assert_eq!(place.path.split('.').count(), usize::try_from(place.depth).unwrap() + 1);
        assert!(place.depth <= DEEPEST && place.path > parent.path, "an answer is read after what it answers");
    }
}

#[test]
fn some_comments_cannot_be_answered() {
    let elsewhere = Parent { post: PostId(Uuid::from_u128(2)), ..parent(0, &hex(1)) };
    let deleted = Parent { deleted: true, ..parent(0, &hex(1)) };
    assert_eq!(below(None, POST, id(7)), Err(Misplaced::ParentElsewhere));
    assert_eq!(below(Some(&elsewhere), POST, id(7)), Err(Misplaced::ParentElsewhere));
    assert_eq!(below(Some(&deleted), POST, id(7)), Err(Misplaced::ParentDeleted));
}
