//! How long one tries, and the pauses between tries.

use std::time::{Duration, Instant};

/// How long one tries.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// After so long no further try is made; what has not arrived stays in the spool.
    pub total: Duration,
    /// The first pause between two tries; each further one is twice as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { total: Duration::from_secs(30), pause: Duration::from_millis(500) }
    }
}

/// Pauses between tries: each twice as long as the last, none the same for two of us, none shorter than the receiver asks for.
pub(crate) struct Tries {
    end: Instant,
    first: Duration,
    pause: Duration,
    seed: u64,
    /// How often a batch that was refused has been halved.
    pub(crate) halvings: u32,
}

impl Tries {
    pub(crate) fn new(patience: Patience) -> Tries {
        let mut bytes = [0; 8];
        // Without random bytes the pauses are those of others, which is a pity and no fault.
        let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::NONBLOCK);
        Tries {
            end: Instant::now() + patience.total,
            first: patience.pause,
            pause: patience.pause,
            seed: u64::from_le_bytes(bytes) | 1,
            halvings: 0,
        }
    }

    /// A try succeeded: the next pause is a short one.
    pub(crate) fn fresh(&mut self) {
        self.pause = self.first;
    }

    /// Waits for the next try; false if patience would end before.
    pub(crate) fn wait(&mut self, asked: Option<Duration>) -> bool {
        let pause = self.next().max(asked.unwrap_or_default());
        if Instant::now() + pause > self.end {
            return false;
        }
        std::thread::sleep(pause);
        true
    }

    fn next(&mut self) -> Duration {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        let most = self.pause;
        self.pause = (self.pause * 2).min(Duration::from_secs(30));
        // Between the half and the whole.
        let share = u32::try_from(self.seed >> 40).unwrap_or(0);
        most / 2 + (most / 2).mul_f64(f64::from(share) / f64::from(1_u32 << 24))
    }
}
