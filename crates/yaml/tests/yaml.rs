//! What the crate promises, against Go's recorded answers and by property.

#[path = "yaml/corpus.rs"]
mod corpus;
#[path = "yaml/limits.rs"]
mod limits;
#[path = "yaml/oracle.rs"]
mod oracle;
#[path = "yaml/places.rs"]
mod places;
#[path = "yaml/properties.rs"]
mod properties;
#[path = "yaml/values.rs"]
mod values;
