//! The marks of all processes, in Redis. Every script takes `now` from its caller: the fleet's clock, not Redis's.

use cache::{Away, Redis, Script};

use crate::table::{Slot, Spent};
use crate::{Decision, Key, Policy, rules};

/// ARGV: now, the window, the price, this process's own mark. Answers whether it may pass, and the mark. A mark further
/// ahead than the window is put back to it, also where nothing is spent.
const CHECK: &str = r"
local now, window, price = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function keep(mark)
  redis.call('SET', KEYS[1], string.format('%.0f', mark), 'PX', math.ceil(window / 1000))
end
local kept = tonumber(redis.call('GET', KEYS[1]) or '0')
local mark = math.min(math.max(kept, tonumber(ARGV[4]), now), now + window)
if mark + price > now + window then
  if kept > mark then keep(mark) end
  return {0, mark}
end
keep(mark + price)
return {1, mark + price}
";

/// ARGV: now, then per key what was spent and the window. Answers the marks.
const ADD: &str = r"
local now, marks = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local spent, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local mark = math.max(tonumber(redis.call('GET', key) or '0'), now)
  mark = math.min(math.min(mark, now + window) + spent, now + window)
  redis.call('SET', key, string.format('%.0f', mark), 'PX', math.ceil(window / 1000))
  marks[i] = mark
end
return marks
";

/// The scripts with the connection they run over.
#[derive(Clone)]
pub(crate) struct Shared {
    redis: Redis,
    check: Script,
    add: Script,
}

impl Shared {
    pub(crate) fn new(redis: Redis) -> Self {
        Self { redis, check: Script::new(CHECK), add: Script::new(ADD) }
    }

    /// Decides for all processes at once. `known` is the mark of this process, which Redis may have lost.
    pub(crate) async fn check(
        &self,
        policy: &Policy,
        key: Key,
        cost: u32,
        (now, known): (i64, i64),
    ) -> Result<(Decision, i64), Away> {
        let slot = Slot { policy: policy.name, key };
        let args = vec![now, policy.window_micros(), rules::price(policy, cost), known];
        let answer = self.redis.eval(&self.check, vec![name(&slot)], args).await?;
        let [allowed, mark] = answer.try_into().map_err(|_| Away)?;
        Ok((rules::decision(mark, now, policy, cost, allowed == 1), mark))
    }

    /// Adds what this process let pass; answers the marks of all together, in the same order.
    pub(crate) async fn add(&self, spent: &[Spent], now: i64) -> Result<Vec<i64>, Away> {
        let keys = spent.iter().map(|one| name(&one.slot)).collect();
        let args = std::iter::once(now).chain(spent.iter().flat_map(|one| [one.micros, one.window])).collect();
        let marks = self.redis.eval(&self.add, keys, args).await?;
        if marks.len() == spent.len() { Ok(marks) } else { Err(Away) }
    }
}

fn name(slot: &Slot) -> String {
    format!("limit:{}:{:032x}", slot.policy, slot.key.0)
}
