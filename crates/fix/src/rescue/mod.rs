//! Why a component is gone, from the disk alone.
