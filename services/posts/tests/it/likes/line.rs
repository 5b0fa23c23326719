use futures_util::FutureExt;

use posts::likes::line::{IN_VAIN, Line, MOST, QUEUE};

fn with(waiting: usize) -> Line<usize> {
    let line = Line::default();
    (0..waiting).for_each(|one| drop(line.join(one)));
    line
}

#[tokio::test]
async fn one_alone_waits_for_nobody() {
    assert!(with(0).are_back(1).now_or_never().is_some());
    assert!(with(MOST).are_back(MOST).now_or_never().is_some(), "nor does a whole statement");
    assert!(with(5).are_back(0).now_or_never().is_some());
}

#[tokio::test]
async fn those_who_were_answered_are_waited_for_until_most_are_back() {
    for (waiting, answered, come) in [(1, 1, 1), (1, 3, 2), (0, 4, 3), (0, 8, 6), (1, MOST, 3 * MOST / 4 - 1)] {
        let line = with(waiting);
        let mut back = std::pin::pin!(line.are_back(answered));
        for one in 0..come {
            assert!(back.as_mut().now_or_never().is_none(), "{one} of {come}, of {answered} who were answered");
            drop(line.join(one));
        }
        assert!(back.now_or_never().is_some(), "{come} of {answered} who were answered, beside {waiting}");
    }
    let line = with(1);
    for _ in 0..3 {
        let mut back = std::pin::pin!(line.are_back(8));
        assert!(back.as_mut().now_or_never().is_none(), "where they come they are waited for each time");
        (0..7).for_each(|one| drop(line.join(one)));
        assert!(back.now_or_never().is_some());
        line.next(&mut None, |_, _| false);
    }
}

#[tokio::test]
async fn where_they_do_not_come_back_they_are_seldom_waited_for() {
    let line = with(1);
    line.are_back(3).await;
    for nth in 0..IN_VAIN {
        assert!(line.are_back(3).now_or_never().is_some(), "{nth}");
    }
    assert!(line.are_back(3).now_or_never().is_none());
}

#[test]
fn one_has_the_turn_until_nobody_waits() {
    let line = Line::default();
    let mut turn = line.join(0).ok().flatten();
    assert!(turn.is_some() && line.join(1).ok().flatten().is_none());
    assert_eq!(line.next(&mut turn, |one, other| one == other), Some(vec![0, 1]));
    assert!(line.join(2).ok().flatten().is_none(), "it is still under way");
    line.next(&mut turn, |_, _| false);
    assert_eq!((line.next(&mut turn, |_, _| false), turn.is_none()), (None, true));
    assert!(line.join(3).ok().flatten().is_some());
}

#[test]
fn a_statement_has_its_size_and_nothing_twice_and_the_line_an_end() {
    let line = with(QUEUE);
    assert!(line.join(0).is_err());
    let mut turn = None;
    assert_eq!(line.next(&mut turn, |_, _| false).map(|batch| batch.len()), Some(MOST));
    let even = |one: &usize, other: &usize| one % 2 == other % 2;
    assert_eq!(line.next(&mut turn, even), Some(vec![MOST, MOST + 1]));
    assert_eq!(line.next(&mut turn, even), Some(vec![MOST + 2, MOST + 3]), "in their order");
}
