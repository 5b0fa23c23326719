use contracts::UserId;
use contracts::posts::Visibility::{self, Coaches, Followers, Public};
use posts::posts::rules::{Facts, Reader, Refused, Wrong, draft};
use uuid::Uuid;

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn tags(written: &[&str]) -> Result<Vec<String>, Vec<Wrong>> {
    let written: Vec<String> = written.iter().map(|tag| tag.to_string()).collect();
    let draft = draft("Hello", &written, Public, &[]);
    draft.map(|draft| draft.tags).map_err(|faults| faults.into_iter().map(|fault| fault.wrong).collect())
}

#[test]
fn tags_are_words_in_lower_case_each_once() {
    let table: [(&[&str], &[&str]); 4] = [
        (&["Zen", "#zen", " ZEN "], &["zen"]),
        (&["été", "co-op", "a_b", "42"], &["été", "co-op", "a_b", "42"]),
        (&["日本"], &["日本"]),
        (&[], &[]),
    ];
    for (written, expected) in table {
        assert_eq!(tags(written).unwrap(), expected, "{written:?}");
    }
}

#[test]
fn what_is_no_word_is_no_tag() {
    for wrong in ["", "#", " ", "a b", "a,b", "<b>", "🧘", &"a".repeat(51)] {
        assert_eq!(tags(&[wrong]), Err(vec![Wrong::NotATag]), "{wrong:?}");
    }
    assert!(tags(&[&"é".repeat(50)]).is_ok());
}

#[test]
fn who_reads_what() {
    let (author, stranger) = (user(1), user(2));
    let reader = |id, coach, admin| Reader { id, coach, admin };
    let fact = |visibility, hidden, deleted| Facts { author, visibility, hidden, deleted };
    let check = |reader: Reader, facts: Facts, read: Result<(), Refused>, join: Result<(), Refused>| {
        assert_eq!((reader.may_read(&facts), reader.may_join(&facts)), (read, join), "{reader:?} {facts:?}");
    };
    let (unknown, gone) = (Err(Refused::Unknown), Err(Refused::Gone));
    for visibility in [Public, Followers, Coaches] {
        let seen = |yes: &[Visibility]| if yes.contains(&visibility) { Ok(()) } else { unknown };
        let gone_if = |seen: Result<(), Refused>| seen.and(gone);
        for (who, sees) in [
            (reader(author, false, false), seen(&[Public, Followers, Coaches])),
            (reader(stranger, false, false), seen(&[Public])),
            (reader(stranger, true, false), seen(&[Public, Coaches])),
            (reader(stranger, false, true), seen(&[Public, Followers, Coaches])),
            (reader(stranger, true, true), seen(&[Public, Followers, Coaches])),
        ] {
            let keeps = if who.admin || who.id == author { sees } else { gone_if(sees) };
            check(who, fact(visibility, false, false), sees, sees);
            check(who, fact(visibility, true, false), keeps, gone_if(sees));
            check(who, fact(visibility, false, true), gone_if(sees), gone_if(sees));
        }
    }
}
