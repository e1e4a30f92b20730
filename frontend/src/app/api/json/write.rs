use std::fmt::Display;

use js_sys::{Array, Object, Reflect};
use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};
use wasm_bindgen::JsValue;

use super::Unreadable;

/// Makes a value for `JSON.stringify`. Of what serde knows, it takes what the API has.
pub(super) struct Writer;

type Written = Result<JsValue, Unreadable>;
type Never = Impossible<JsValue, Unreadable>;

impl Serializer for Writer {
    type Ok = JsValue;
    type Error = Unreadable;
    type SerializeSeq = Items;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Never;

    fn serialize_bool(self, truth: bool) -> Written {
        Ok(truth.into())
    }

    fn serialize_i8(self, number: i8) -> Written {
        Ok(number.into())
    }

    fn serialize_i16(self, number: i16) -> Written {
        Ok(number.into())
    }

    fn serialize_i32(self, number: i32) -> Written {
        Ok(number.into())
    }

    #[expect(clippy::cast_precision_loss, reason = "JSON's numbers are such")]
    fn serialize_i64(self, number: i64) -> Written {
        Ok((number as f64).into())
    }

    fn serialize_u8(self, number: u8) -> Written {
        Ok(number.into())
    }

    fn serialize_u16(self, number: u16) -> Written {
        Ok(number.into())
    }

    fn serialize_u32(self, number: u32) -> Written {
        Ok(number.into())
    }

    #[expect(clippy::cast_precision_loss, reason = "JSON's numbers are such")]
    fn serialize_u64(self, number: u64) -> Written {
        Ok((number as f64).into())
    }

    fn serialize_f32(self, number: f32) -> Written {
        Ok(number.into())
    }

    fn serialize_f64(self, number: f64) -> Written {
        Ok(number.into())
    }

    fn serialize_char(self, letter: char) -> Written {
        self.collect_str(&letter)
    }

    fn serialize_str(self, text: &str) -> Written {
        Ok(text.into())
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(Unreadable)
    }

    fn serialize_none(self) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        Err(Unreadable)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unreadable> {
        Ok(Items(Array::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Never, Unreadable> {
        Err(Unreadable)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never, Unreadable> {
        Err(Unreadable)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, Unreadable> {
        Err(Unreadable)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Unreadable> {
        Ok(Entries {
            object: Object::new(),
            key: JsValue::UNDEFINED,
        })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, Unreadable> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, Unreadable> {
        Err(Unreadable)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Written {
        Ok(value.to_string().into())
    }
}

pub(super) struct Items(Array);

impl SerializeSeq for Items {
    type Ok = JsValue;
    type Error = Unreadable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unreadable> {
        self.0.push(&value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(self.0.into())
    }
}

pub(super) struct Entries {
    object: Object,
    /// The key that waits for its value.
    key: JsValue,
}

impl Entries {
    fn set(&self, key: &JsValue, value: &JsValue) {
        // Setting a property of a plain new object cannot fail.
        let _ = Reflect::set(&self.object, key, value);
    }
}

impl SerializeMap for Entries {
    type Ok = JsValue;
    type Error = Unreadable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unreadable> {
        self.key = key.serialize(Writer)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unreadable> {
        self.set(&self.key, &value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(self.object.into())
    }
}

impl SerializeStruct for Entries {
    type Ok = JsValue;
    type Error = Unreadable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unreadable> {
        self.set(&JsValue::from_str(name), &value.serialize(Writer)?);
        Ok(())
    }

    fn end(self) -> Written {
        Ok(self.object.into())
    }
}
