//! Whose turn it is: smooth weighted round robin over the classes.

use std::sync::{Mutex, PoisonError};

use crate::store::model::Class;

/// How often each class comes first in ten turns.
const WEIGHTS: [(Class, i64); 3] = [(Class::High, 6), (Class::Normal, 3), (Class::Low, 1)];

/// Deals turns.
#[derive(Debug, Default)]
pub(super) struct WeightedRoundRobin(Mutex<[i64; 3]>);

impl WeightedRoundRobin {
    /// The classes in the order to look into them now.
    pub(super) fn next_order(&self) -> [Class; 3] {
        let mut credit = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn ten_turns_are_six_three_one() {
        let turns = WeightedRoundRobin::default();
        let firsts: Vec<Class> = (0..20).map(|_| turns.next_order()[0]).collect();
        let count = |class| firsts.iter().filter(|first| **first == class).count();
        assert_eq!(
            (count(Class::High), count(Class::Normal), count(Class::Low)),
            (12, 6, 2)
        );
    }

    #[test]
    fn the_others_follow_in_their_order() {
        let turns = WeightedRoundRobin::default();
        for _ in 0..10 {
            let order = turns.next_order();
            let mut sorted = order;
            sorted.sort();
            assert_eq!(sorted, Class::ALL);
            assert!(order[1] < order[2]);
        }
    }
}
