//! Whether a program needs anything beside itself.

const INTERPRETER: u32 = 3;

/// Checks that a program is for `machine` and starts without a dynamic loader: an image that holds nothing else could not run it.
pub(crate) fn check_static(program: &[u8], machine: u16) -> Result<(), String> {
    // 64 bits, little-endian: both platforms are.
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return Err("it is no 64-bit ELF program".to_owned());
    }
    let short = || "its ELF header is cut off".to_owned();
    let found = u16::from_le_bytes(field(program, 18).ok_or_else(short)?);
    if found != machine {
        return Err(format!("it is for machine {found}, not {machine}"));
    }
    let start = u64::from_le_bytes(field(program, 32).ok_or_else(short)?);
    let size = u16::from_le_bytes(field(program, 54).ok_or_else(short)?);
    let count = u16::from_le_bytes(field(program, 56).ok_or_else(short)?);
    for i in 0..u64::from(count) {
        let at = start.checked_add(i * u64::from(size)).and_then(|at| usize::try_from(at).ok()).ok_or_else(short)?;
        if u32::from_le_bytes(field(program, at).ok_or_else(short)?) == INTERPRETER {
            return Err("it is linked dynamically, and the image has no loader".to_owned());
        }
    }
    Ok(())
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The smallest thing that looks like a program, with one program header of the kind `header`, and `tail` after it.
    pub(crate) fn program(machine: u16, header: u32, tail: &[u8]) -> Vec<u8> {
        let mut elf = vec![0; 64 + 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[18..20].copy_from_slice(&machine.to_le_bytes());
        elf[32..40].copy_from_slice(&64_u64.to_le_bytes());
        elf[54..56].copy_from_slice(&56_u16.to_le_bytes());
        elf[56..58].copy_from_slice(&1_u16.to_le_bytes());
        elf[64..68].copy_from_slice(&header.to_le_bytes());
        elf.extend_from_slice(tail);
        elf
    }

    #[test]
    fn only_static_programs_of_the_machine() {
        assert_eq!(check_static(&program(62, 1, b""), 62), Ok(()));
        assert!(check_static(&program(62, 3, b""), 62).unwrap_err().contains("dynamically"));
        assert!(check_static(&program(183, 1, b""), 62).unwrap_err().contains("machine"));
        assert!(check_static(b"#!/bin/sh\n", 62).is_err());
        assert!(check_static(&program(62, 1, b"")[..64], 62).unwrap_err().contains("cut off"));
    }
}
