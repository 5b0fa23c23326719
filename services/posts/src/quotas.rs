//! How much one account may make. What is counted is what was made, not what was tried: a handler spends in the
//! transaction, once the row is written, and a refusal takes the row back. A like has no transaction to take back: it is
//! asked for before and counted after, so calls at the very same moment may make a few more.

use contracts::UserId;
use limits::{Limiter, Policy};
use problem::Problem;

/// Counts what accounts make. Clones share their counts.
#[derive(Clone)]
pub struct Quotas {
    limiter: Limiter,
    posts: Policy,
    comments: Policy,
    likes: Policy,
}

impl Quotas {
    /// Quotas of these policies, counted by `limiter`.
    pub fn new(limiter: Limiter, [posts, comments, likes]: [Policy; 3]) -> Self {
        Self { limiter, posts, comments, likes }
    }

    /// `user` wrote a post; 429 where that was one too many.
    pub fn post(&self, user: UserId) -> Result<(), Problem> {
        self.spend(&self.posts, user)
    }

    /// `user` wrote a comment; 429 where that was one too many.
    pub fn comment(&self, user: UserId) -> Result<(), Problem> {
        self.spend(&self.comments, user)
    }

    /// `user` liked a post, having been allowed to.
    pub fn liked(&self, user: UserId) {
        let _counted = self.limiter.check(&self.likes, user.0.as_u128(), 1);
    }

    /// Fine while `user` may like one post more.
    pub fn may_like(&self, user: UserId) -> Result<(), Problem> {
        let left = self.limiter.check(&self.likes, user.0.as_u128(), 0).remaining;
        if left > 0 { Ok(()) } else { self.spend(&self.likes, user) }
    }

    fn spend(&self, policy: &Policy, user: UserId) -> Result<(), Problem> {
        let decision = self.limiter.check(policy, user.0.as_u128(), 1);
        if decision.allowed { Ok(()) } else { Err(decision.problem(policy)) }
    }
}
