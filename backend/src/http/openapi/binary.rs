use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, SchemaFormat, Type,
        schema::{ObjectBuilder, Schema},
    },
};

/// The body of an answer that is no text, in the words of OpenAPI: `Vec<u8>` would be an array of
/// numbers there.
pub(in crate::http) struct Binary;

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}

impl ToSchema for Binary {}
