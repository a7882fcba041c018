//! Laws of the codec, and the limits that protect it.

use bytes::{BufMut as _, Bytes, BytesMut};
use proptest::prelude::*;

use super::*;

fn encoded(value: &Value) -> Bytes {
    let mut out = BytesMut::new();
    encode(value, &mut out);
    out.freeze()
}

fn decoded(bytes: impl Into<Bytes>) -> Result<Value, Malformed> {
    Decoder::new(bytes.into()).value()
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u8>().prop_map(Value::Ubyte),
        any::<u16>().prop_map(Value::Ushort),
        any::<u32>().prop_map(Value::Uint),
        any::<u64>().prop_map(Value::Ulong),
        (0_u64..300).prop_map(Value::Ulong),
        any::<i8>().prop_map(Value::Byte),
        any::<i16>().prop_map(Value::Short),
        any::<i32>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Long),
        any::<i64>().prop_map(Value::Timestamp),
        any::<[u8; 16]>().prop_map(Value::Uuid),
        any::<[u8; 8]>().prop_map(|b| Value::Opaque(0x82, Bytes::copy_from_slice(&b))),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|b| Value::Binary(b.into())),
        ".{0,300}".prop_map(Value::String),
        "[ -~]{0,20}".prop_map(Value::Symbol),
        prop::collection::vec(any::<i64>(), 0..40).prop_map(|n| Value::Array(Array::longs(&n))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 200, 20, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::List),
            prop::collection::vec(pair.clone(), 0..10).prop_map(Value::Map),
            pair.prop_map(|(name, inner)| Value::Described(Box::new(name), Box::new(inner))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_to_the_same(value in value()) {
        let mut decoder = Decoder::new(encoded(&value));
        prop_assert_eq!(decoder.value(), Ok(value));
        prop_assert!(decoder.is_at_end());
    }

    #[test]
    fn what_is_cut_short_is_refused(value in value(), cut in any::<prop::sample::Index>()) {
        let whole = encoded(&value);
        let part = whole.slice(..cut.index(whole.len()));
        prop_assert!(decoded(part).is_err());
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut decoder = Decoder::new(bytes.into());
        while !decoder.is_at_end() && decoder.value().is_ok_and(|value| {
            drop(Performative::decode(value));
            true
        }) {}
    }
}

#[test]
fn arrays_of_every_kind_of_item_come_back() {
    let lists = [
        // Symbols, timestamps, described uints, lists of one null, small forms.
        &b"\xe0\x0a\x02\xa3\x03abc\x03def"[..],
        b"\xe0\x12\x02\x83\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02",
        b"\xe0\x08\x02\x00\xa3\x01d\x52\x07\x08",
        b"\xe0\x08\x02\xc0\x02\x01\x40\x02\x01\x40",
        b"\xe0\x02\x00\x40",
        b"\xe0\x04\x02\x56\x00\x01",
    ];
    for bytes in lists {
        let value = decoded(bytes).unwrap();
        assert_eq!(decoded(encoded(&value)), Ok(value));
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| {
        let wrap = |inner: Value| Value::List(vec![inner]);
        encoded(&(0..levels).fold(Value::Null, |inner, _| wrap(inner)))
    };
    assert!(decoded(nested(32)).is_ok());
    let error = decoded(nested(200)).unwrap_err();
    assert!(error.to_string().contains("nest deeper"), "{error}");
    let descriptors = vec![0_u8; 100_000];
    assert!(decoded(descriptors).is_err());
}

#[test]
fn an_array_of_nothing_can_not_take_up_memory() {
    // Four billion nulls in eleven bytes.
    let bomb = &b"\xf0\x00\x00\x00\x05\xff\xff\xff\xff\x40"[..];
    assert_eq!(decoded(bomb), Err(Malformed("more values than bytes".into())));
}

#[test]
fn sizes_that_are_larger_than_the_input_are_refused() {
    for bytes in [
        &b"\xb0\xff\xff\xff\xffx"[..],
        b"\xd0\xff\xff\xff\xff\x00\x00\x00\x01",
        b"\xc0\x05\x01\x40",
        b"\xc0\x03\x01\x40\x40",
        b"\xc1\x02\x01\x40",
        b"\xa3\x01\xff",
        b"\xa1\x01\xff",
        b"\x56\x02",
        b"\x3f",
        b"\xcf\x01\x00",
    ] {
        assert!(decoded(bytes).is_err(), "{bytes:02x?}");
    }
}

fn performatives() -> Vec<Performative> {
    let mut error = Error::new("amqp:not-found", "nowhere");
    error.info = vec![(symbol("why"), Value::Int(7))];
    let outcome = Outcome::Modified {
        undeliverable_here: true,
        annotations: vec![(string("k"), Value::Bool(true))],
    };
    let disposition =
        |outcome| Disposition { role: Role::Receiver, first: 1, last: 9, settled: true, outcome };
    vec![
        Performative::Open(Open {
            container_id: "c".into(),
            max_frame_bytes: 512,
            channel_max: 7,
            idle_timeout_ms: Some(1),
        }),
        Performative::Begin(Begin {
            remote_channel: None,
            next_outgoing_id: 1,
            incoming_window: 2,
            outgoing_window: 3,
            handle_max: 4,
        }),
        Performative::Attach(Attach {
            name: "l".into(),
            handle: 3,
            role: Role::Sender,
            sender_settles: Some(2),
            receiver_settles: None,
            source: Value::Null,
            target: Value::described(0x29, Value::List(vec![string("q")])),
            initial_delivery_count: Some(0),
            max_message_bytes: Some(u64::from(u32::MAX) + 1),
        }),
        Performative::Flow(Flow {
            next_incoming_id: None,
            incoming_window: 1,
            next_outgoing_id: 2,
            outgoing_window: 3,
            handle: Some(4),
            delivery_count: Some(5),
            link_credit: Some(6),
            drain: true,
            echo: false,
        }),
        Performative::Transfer(Transfer {
            handle: 1,
            delivery_id: Some(2),
            delivery_tag: Value::Binary(Bytes::from_static(b"tag")),
            message_format: Some(Transfer::BATCH_FORMAT),
            settled: false,
            more: true,
            aborted: false,
        }),
        Performative::Disposition(disposition(Some(outcome))),
        Performative::Disposition(disposition(Some(Outcome::Rejected(Some(error.clone()))))),
        Performative::Disposition(disposition(Some(Outcome::Released))),
        Performative::Disposition(disposition(None)),
        Performative::Detach(Detach { handle: 1, closed: true, error: Some(error) }),
        Performative::End(None),
        Performative::Close(Some(Error::new("amqp:decode-error", "what?"))),
    ]
}

#[test]
fn performatives_come_back() {
    for performative in performatives() {
        let value = decoded(encoded(&performative.value())).unwrap();
        assert_eq!(Performative::decode(value), Ok(performative));
    }
}

#[test]
fn performatives_without_what_they_need_are_refused() {
    for code in [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19] {
        let empty = Value::described(code, Value::List(Vec::new()));
        assert!(Performative::decode(empty).is_err(), "{code:#x}");
        assert!(Performative::decode(Value::described(code, Value::Null)).is_err(), "{code:#x}");
    }
    assert!(Performative::decode(string("open")).is_err());
}

#[test]
fn an_error_always_has_three_fields() {
    let value = Error::new("a", "b").value();
    let (_, fields) = value.into_described().unwrap();
    assert_eq!(fields.items(), [symbol("a"), string("b"), Value::Null]);
}

#[test]
fn a_confirmed_outcome_has_its_kind_and_no_content() {
    let rejected = Outcome::Rejected(Some(Error::new("com.microsoft:dead-letter", "why")));
    let annotations = vec![(string("k"), Value::Null)];
    let deferred = Outcome::Modified { undeliverable_here: true, annotations };
    for (outcome, code) in [(rejected, 0x25), (deferred, 0x27), (Outcome::Accepted, 0x24)] {
        let bare = outcome.bare().value();
        assert_eq!(bare, Value::described(code, Value::List(Vec::new())));
    }
}

async fn read(bytes: &[u8]) -> Result<Frame, ReadError> {
    FrameReader::new(bytes).frame().await
}

#[tokio::test]
async fn frames_come_back_one_by_one() {
    let mut out = BytesMut::new();
    let open = performatives().remove(0).value();
    write_frame(&mut out, Kind::Amqp, 7, Some(&open), b"payload");
    write_frame(&mut out, Kind::Amqp, 0, None, &[]);
    let mut reader = FrameReader::new(&out[..]);
    let first = reader.frame().await.unwrap();
    let mut decoder = Decoder::new(first.body);
    assert_eq!((first.channel, decoder.value()), (7, Ok(open)));
    assert_eq!(decoder.rest(), "payload");
    assert!(reader.frame().await.unwrap().body.is_empty());
    assert!(matches!(reader.frame().await, Err(ReadError::Gone)));
}

#[tokio::test]
async fn a_frame_at_the_limit_is_taken_and_one_above_it_refused_by_its_header() {
    let mut frame = BytesMut::new();
    frame.put_u32(MAX_FRAME_BYTES as u32);
    frame.put_slice(&[2, 0, 0, 0]);
    frame.resize(MAX_FRAME_BYTES, 0x40);
    assert_eq!(read(&frame).await.unwrap().body.len(), MAX_FRAME_BYTES - 8);
    for header in [
        &b"\x00\x01\x00\x01\x02\x00\x00\x00"[..],
        b"\xff\xff\xff\xff\x02\x00\x00\x00",
        b"\x00\x00\x00\x07\x02\x00\x00\x00",
        b"\x00\x00\x00\x08\x03\x00\x00\x00",
        b"\x00\x00\x00\x10\x01\x00\x00\x00",
        b"\x00\x00\x00\x08\x02\x05\x00\x00",
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let refused = read(header).await;
        assert!(matches!(refused, Err(ReadError::Malformed(_))), "{header:02x?}");
    }
}
