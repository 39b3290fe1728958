//! The master key as the output of a command, such as the client of a secret manager.
//!
//! The command is run without a shell: words are parted by blanks, quotes keep blanks in a word, and nothing is
//! expanded. So a path or an id that comes from elsewhere cannot become a second command; whoever wants a shell names
//! one. What it prints is read up to a limit and for a limited time. What it complains about is not repeated, because
//! such clients show what they were given.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use oo_core::ports::{KeyProvider, MasterKey};
use oo_core::{Error, Result};
use zeroize::Zeroizing;

use super::key_text;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes that are read of its output.
const MOST: usize = 4_096;

/// A master key that a command prints: the line of a key file, or its 64 hexadecimal digits alone.
#[derive(Debug)]
pub struct CommandKey {
    words: Vec<String>,
    patience: Duration,
}

impl CommandKey {
    /// The key that `command` prints.
    ///
    /// # Errors
    /// `invalid_input` about `master_key_command` when it names no program or a quote is not closed.
    pub fn new(command: &str) -> Result<Self> {
        let words = words(command).filter(|words| words.first().is_some_and(|program| !program.is_empty()));
        let words = words.ok_or_else(|| {
            Error::invalid("master_key_command", "name a program and its arguments, and close every quote")
        })?;
        Ok(CommandKey { words, patience: PATIENCE })
    }

    /// The same command with another time limit.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn error(&self, what: &str) -> Error {
        let program = self.words.first().map_or("", String::as_str);
        Error::key(format!("the command for the master key, {program}, {what}; run it by hand and see what it prints"))
    }
}

impl KeyProvider for CommandKey {
    fn master_key(&self, _create: bool) -> Result<MasterKey> {
        let (program, arguments) = self.words.split_first().ok_or_else(|| self.error("is empty"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| self.error(&format!("cannot be run ({})", error.kind())))?;
        let printed = printed(&mut child, self.patience);
        if printed.is_none() {
            // It may have ended meanwhile.
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| self.error(&format!("cannot be waited for ({})", error.kind())))?;
        let printed = printed
            .ok_or_else(|| self.error(&format!("did not end within {} seconds", self.patience.as_secs_f64())))?;
        if !status.success() {
            return Err(self.error(&format!("failed ({status})")));
        }
        std::str::from_utf8(&printed)
            .ok()
            .and_then(key_text::read_loosely)
            .ok_or_else(|| self.error("printed no master key"))
    }
}

/// What the command prints before it ends; nothing when it takes too long.
fn printed(child: &mut Child, patience: Duration) -> Option<Zeroizing<Vec<u8>>> {
    let stdout = child.stdout.take()?;
    #[allow(clippy::disallowed_methods, reason = "a time budget; it reaches no fold")]
    let start = Instant::now();
    let (sender, receiver) = channel();
    // A process that the command left behind may keep the pipe open for ever; then this thread outlives the call.
    let read = move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
        if stdout.take(MOST as u64 + 1).read_to_end(&mut bytes).is_ok() {
            // Nobody listens any more after the time limit.
            let _ = sender.send(bytes);
        }
    };
    std::thread::Builder::new().name("oo-key-command".to_owned()).spawn(read).ok()?;
    let bytes = receiver.recv_timeout(patience).ok()?;
    while child.try_wait().ok()?.is_none() {
        if start.elapsed() >= patience {
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Some(bytes)
}

/// The words of a command line; none when a quote is not closed.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(characters.next()?),
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use oo_core::ErrorKind;

    use super::*;

    const DIGITS: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn a_command_line_is_parted_into_words_and_nothing_is_expanded() {
        let parted = |line| words(line).unwrap();
        assert_eq!(parted("  get  key\tnow "), ["get", "key", "now"]);
        assert_eq!(parted(r#"get 'a b' "c \" d" e\ f '' "#), ["get", "a b", "c \" d", "e f", ""]);
        assert_eq!(parted("get $HOME;rm *|x `y`"), ["get", "$HOME;rm", "*|x", "`y`"]);
        assert_eq!(parted(r"'a\b' c'd'e"), [r"a\b", "cde"]);
        for open in ["get 'a", "get \"a", r"get a\"] {
            assert_eq!(words(open), None, "{open}");
            assert_eq!(CommandKey::new(open).unwrap_err().field(), Some("master_key_command"));
        }
        for empty in ["", "  ", "''"] {
            assert_eq!(CommandKey::new(empty).unwrap_err().kind(), ErrorKind::InvalidInput, "{empty:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_a_command_prints_is_the_key() {
        let expected: [u8; 32] = std::array::from_fn(|index| (index as u8 % 16) * 0x11);
        for line in [format!("echo {DIGITS}"), format!("printf 'oo-master-key-v1 %s' {DIGITS}")] {
            for create in [false, true] {
                assert_eq!(CommandKey::new(&line).unwrap().master_key(create).unwrap(), MasterKey::new(expected));
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_is_an_error_that_repeats_nothing_of_it() {
        let refused = |line: &str| {
            let error =
                CommandKey::new(line).unwrap().patience(Duration::from_millis(300)).master_key(true).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Key, "{line}");
            assert!(!error.message().contains("hunter2") && !error.message().contains(&DIGITS[..8]), "{error}");
            error
        };
        assert!(refused("/no/such/program --token hunter2").message().contains("cannot be run"));
        assert!(refused("sh -c 'echo hunter2 >&2; exit 3'").message().contains("exit status: 3"));
        assert!(refused(&format!("sh -c 'echo {DIGITS}; exit 1'")).message().contains("failed"));
        assert!(refused(&format!("echo {DIGITS}00")).message().contains("printed no master key"));
        refused("true");
        refused("cat /dev/zero");
        assert!(refused("sleep 60").message().contains("did not end"));
        // The pipe is closed and the command goes on.
        assert!(refused(&format!("sh -c 'echo {DIGITS}; exec >&-; sleep 60'")).message().contains("did not end"));
        // The command has ended and somebody else holds the pipe.
        assert!(refused("sh -c 'sleep 5 & exit 0'").message().contains("did not end"));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_gets_nothing_to_read() {
        let error = CommandKey::new("cat").unwrap().master_key(false).unwrap_err();
        assert!(error.message().contains("printed no master key"), "{error}");
    }
}
