//! A value with its place.

use std::borrow::Cow;

use crate::{Map, Span, convert, json};

/// A value as Kubernetes sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Null, `~` or nothing at all.
    Null,
    /// A boolean, with YAML 1.1's `yes`, `no`, `on`, `off`, `y` and `n`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above [`i64::MAX`].
    Uint(u64),
    /// A number with a fraction or an exponent, `.inf` and `.nan` (which JSON, and so Kubernetes, has not).
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map.
    Map(Map),
}

/// A value and where it stands. What an alias or a merge brings in has the place where it was written out.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands, without anchor and tag; quotes and brackets included; of a block
    /// scalar, its content without the `|` or `>`.
    pub span: Span,
    /// A scalar's text after folding and unescaping but before it got a type: `0644`, `no`, `1.10`. Empty for an
    /// absent value, nothing for lists and maps.
    pub raw: Option<String>,
}

/// Nodes are equal when their values are, wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    /// The value of `key`, when this is a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value at `path`, whose keys are separated by dots: `authentication.anonymous.enabled`.
    pub fn path(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The same with keys found as by [`Map::get_ignore_case`].
    pub fn path_ignore_case(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.as_map()?.get_ignore_case(key))
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Value::List(list) = &self.value { Some(list) } else { None }
    }

    /// The text, if it is text: a number or boolean without quotes is not.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self.value { Some(value) } else { None }
    }

    /// The whole number, if it is one of 64 bits with a sign. A float is none, even one without a fraction.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(value) = self.value { Some(value) } else { None }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// What a Go string field gets from yaml.v2 itself: the text as written, so `0644` stays `0644` and `no` stays
    /// `no`. Nothing for null (the field keeps its default), lists and maps (an error in Go).
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Null | Value::List(_) | Value::Map(_) => None,
            // A `!!binary` value is its bytes, not its base64.
            Value::Text(text) => Some(Cow::Borrowed(text)),
            value => self.raw.as_deref().map(Cow::Borrowed).or_else(|| convert::text(value).map(Cow::Owned)),
        }
    }

    /// What a Go string field gets from sigs.k8s.io/yaml, which types the value first and then writes it as text:
    /// `0644` becomes `420`, `no` becomes `false` and `1.10` becomes `1.1`. Nothing for null, lists and maps.
    ///
    /// Kubernetes' decoders for component configuration do not even do that: they refuse a number or boolean in a
    /// string field, for which see [`Node::as_str`].
    pub fn converted_text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            value => convert::text(value).map(Cow::Owned),
        }
    }

    /// The value as compact JSON, byte for byte what sigs.k8s.io/yaml makes of it: keys sorted, `<`, `>` and `&`
    /// escaped. Infinite numbers and NaN, which Go refuses here, become null.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        json::write(&self.value, &mut out);
        out
    }
}
