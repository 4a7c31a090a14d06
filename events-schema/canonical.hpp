#pragma once

#include "events-schema/codec.hpp"

namespace boxoffice::schema {

/// Reads a whole event from canonical bytes, in a fraction of the time that a `Reader` takes and
/// without writing it again: true means that `text` is what `write_event` makes of `envelope` and
/// `event`. False means nothing yet: a `Reader` says what it is, and `is_canonical` whether it is
/// canonical after all (texts with escapes are left to them). Then `envelope` and `event` are
/// unspecified. `text` needs no padding.
[[nodiscard]] bool read_canonical(std::string_view text, Envelope& envelope, Event& event);

}  // namespace boxoffice::schema
