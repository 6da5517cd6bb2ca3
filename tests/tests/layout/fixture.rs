//! The rows of `fixtures/layout.txt`.

/// One stored object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stored {
    pub(crate) path: String,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Stored {
    /// The table's folder.
    pub(crate) fn folder(&self) -> &str {
        self.path.split('/').next().unwrap()
    }
}

/// Every row, in the order of the file.
pub(crate) fn all() -> Vec<Stored> {
    let mut rows: Vec<Stored> = Vec::new();
    for line in include_str!("../../fixtures/layout.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some(setting) = line.strip_prefix("  ") else {
            rows.push(Stored {
                path: line.to_owned(),
                content_type: None,
                body: Vec::new(),
            });
            continue;
        };
        let row = rows.last_mut().expect("a setting follows its row's path");
        let (name, value) = setting.split_once(' ').unwrap_or((setting, ""));
        match name {
            "type" => row.content_type = Some(value.to_owned()),
            "body" => row.body = value.as_bytes().to_vec(),
            "line" => row.body = format!("{value}\n").into_bytes(),
            "hex" => {
                row.body = value
                    .split_ascii_whitespace()
                    .map(|byte| u8::from_str_radix(byte, 16).expect("bytes are in hexadecimal"))
                    .collect();
            }
            other => panic!("layout.txt has no setting {other:?}"),
        }
    }
    rows
}

/// The rows of one table, in the order of the file.
pub(crate) fn of(folder: &str) -> Vec<Stored> {
    all()
        .into_iter()
        .filter(|row| row.folder() == folder)
        .collect()
}
