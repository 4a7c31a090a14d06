#pragma once

#include "events-schema/codec.hpp"
#include "gateway/routes/call.hpp"

namespace boxoffice::gateway {

/// One for each thread: parsers keep their memory.
schema::Reader& body_reader_of_this_thread();

/// What readers and rules say of a field ("must be text", "a code may …"), as a sentence.
std::string sentence_of(std::string_view detail);

/// Answers `400` with the field concerned.
void refuse_body(http::Reply& reply, const schema::ParseError& error);

/// Whether the body is JSON by its content type, and encoded in no way; answers `415` where not.
bool body_is_json(const Call& call, http::Reply& reply);

void refuse_missing_body(http::Reply& reply);
void refuse_long_body(http::Reply& reply);

/// Reads the body. False: it is not of that form, and the reply is sent. No body counts as `{}`
/// where the operation says that it may be absent.
template <class T>
bool read_body(const Call& call, http::Reply& reply, T& into) {
  if (call.request.body_too_large) {
    refuse_long_body(reply);
    return false;
  }
  if (call.request.body.empty()) {
    if (!call.route.operation.body_may_be_absent) refuse_missing_body(reply);
    return call.route.operation.body_may_be_absent;
  }
  if (!body_is_json(call, reply)) return false;
  const auto read = body_reader_of_this_thread().object(call.request.body, into);
  if (!read) refuse_body(reply, read.error());
  return read.has_value();
}

}  // namespace boxoffice::gateway
