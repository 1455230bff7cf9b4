//! A table with keys that are never reused: what a settlement names by a number. Knows nothing of what it holds.

/// Values under keys made of a place and a generation, so that the key of a removed value finds nothing.
#[derive(Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, value: T) -> u64 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 0,
                value: None,
            });
            u32::try_from(self.slots.len() - 1).expect("a queue's limit is below 2^32")
        });
        let slot = &mut self.slots[place as usize];
        slot.value = Some(value);
        key(slot.generation, place)
    }

    pub(super) fn get(&self, key: u64) -> Option<&T> {
        let (generation, place) = split(key);
        let slot = self.slots.get(place)?;
        slot.value
            .as_ref()
            .filter(|_| slot.generation == generation)
    }

    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        let (generation, place) = split(key);
        let slot = self.slots.get_mut(place)?;
        slot.value
            .as_mut()
            .filter(|_| slot.generation == generation)
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<T> {
        let (generation, place) = split(key);
        let slot = self.slots.get_mut(place)?;
        if slot.generation != generation {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free
            .push(u32::try_from(place).expect("places were made from u32"));
        Some(value)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Keys of all values that pass, in the order of their places.
    pub(super) fn keys(&self, mut pass: impl FnMut(&T) -> bool) -> Vec<u64> {
        let places = self.slots.iter().zip(0_u32..);
        places
            .filter(|(slot, _)| slot.value.as_ref().is_some_and(&mut pass))
            .map(|(slot, place)| key(slot.generation, place))
            .collect()
    }
}

fn key(generation: u32, place: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(place)
}

fn split(key: u64) -> (u32, usize) {
    let place = key & u64::from(u32::MAX);
    let generation = u32::try_from(key >> 32).expect("32 bits are left");
    (generation, usize::try_from(place).expect("32 bits fit"))
}

#[cfg(test)]
mod tests {
    use super::Slab;

    #[test]
    fn a_key_of_a_removed_value_finds_nothing() {
        let mut slab = Slab::new();
        let first = slab.insert('a');
        assert_eq!(slab.remove(first), Some('a'));
        let second = slab.insert('b');
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.get_mut(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get(second), Some(&'b'));
        assert_eq!(slab.keys(|_| true), [second]);
        assert_eq!(slab.len(), 1);
    }
}
