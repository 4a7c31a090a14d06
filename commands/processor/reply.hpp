#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "commands/processor/submission.hpp"
#include "events-schema/codec.hpp"

/// Answers as they travel to the gateway that waits for one. A decided command's reply holds the
/// event that says what came of it and nothing else: all that is rendered comes from there.
namespace boxoffice::processor {

/// JSON: `{"answer":"decided","event":{…}}`, or `repeated`; `key_reused`, `too_large`; or
/// `unavailable` with `retry_after_ms` and `reason`. Appends to `out`.
void write_reply(std::string& out, const Answer& answer);

/// `text` is followed by `schema::kPadding` readable bytes. The error is for an operator. An
/// Outcome has its deciding event alone.
std::expected<Answer, std::string> read_reply(std::string_view text, schema::Reader& reader);

}  // namespace boxoffice::processor
