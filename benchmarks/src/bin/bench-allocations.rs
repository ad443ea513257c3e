//! Counts allocations and their bytes: of all cases, or what is left of them while so many callbacks wait.
//! Prints JSON.
//!
//! It is a program of its own because to count them takes an allocator, which would be counted too
//! where instructions are.

use std::{collections::BTreeMap, env, error::Error};

use allocation_counter::{AllocationInfo, measure};
use benchmarks::{
    case::{Side, cases},
    waiting::{self, Waiter},
};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cases"] => {
            let mut counted = BTreeMap::new();
            for case in cases() {
                for side in Side::BOTH {
                    let mut prepared = case.prepare(side);
                    prepared.next();
                    let AllocationInfo { count_total, bytes_total, .. } = measure(|| prepared.run());
                    counted.insert(format!("{case} {}", side.as_str()), (count_total, bytes_total));
                }
            }
            println!("{}", serde_json::to_string(&counted)?);
        }
        ["waiting", count] => {
            let count = count.parse()?;
            let mut counted = BTreeMap::new();
            for waiter in Waiter::ALL {
                let mut all = AllocationInfo::default();
                waiting::hold(waiter, count, |start| all = measure(start));
                counted.insert(waiter.as_str(), (all.count_current, all.bytes_current));
            }
            println!("{}", serde_json::to_string(&counted)?);
        }
        _ => return Err("usage: bench-allocations cases | waiting <count>".into()),
    }
    Ok(())
}
