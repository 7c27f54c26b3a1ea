//! Smooth weighted round robin over the classes of the ready queue.

use std::sync::{Mutex, PoisonError};

use crate::store::model::Class;

/// Number of times each class comes first in ten rounds.
const WEIGHTS: [(Class, i64); 3] = [(Class::High, 6), (Class::Normal, 3), (Class::Low, 1)];

/// Chooses the order in which classes are searched for a task.
#[derive(Debug, Default)]
pub(super) struct WeightedRoundRobin {
    /// Credit of each class, which increases by the class's weight in every round and decreases by the sum of all
    /// weights when the class comes first.
    credit: Mutex<[i64; 3]>,
}

impl WeightedRoundRobin {
    /// Returns the classes in the order of the next round.
    pub(super) fn next_order(&self) -> [Class; 3] {
        let mut credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first = 0;
        for (index, (_, weight)) in WEIGHTS.iter().enumerate() {
            credit[index] += weight;
            if credit[index] > credit[first] {
                first = index;
            }
        }
        credit[first] -= WEIGHTS.iter().map(|(_, weight)| weight).sum::<i64>();
        let mut order = Class::ALL;
        order[..=first].rotate_right(1);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_rounds_follow_the_weights() {
        let scheduler = WeightedRoundRobin::default();
        let firsts: Vec<Class> = (0..20).map(|_| scheduler.next_order()[0]).collect();
        let count = |class| firsts.iter().filter(|first| **first == class).count();
        assert_eq!(
            (count(Class::High), count(Class::Normal), count(Class::Low)),
            (12, 6, 2)
        );
    }

    #[test]
    fn the_other_classes_follow_by_priority() {
        let scheduler = WeightedRoundRobin::default();
        for _ in 0..10 {
            let order = scheduler.next_order();
            let mut sorted = order;
            sorted.sort();
            assert_eq!(sorted, Class::ALL);
            assert!(order[1] < order[2]);
        }
    }
}
