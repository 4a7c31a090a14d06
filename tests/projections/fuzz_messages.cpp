#include <cstdlib>

#include "projections/transport/frames.hpp"
#include "projections/transport/messages.hpp"

using namespace boxoffice::projections::transport;

namespace {

/// What is read can be written, and is then read as the same.
template <class Message>
void try_as(std::string_view payload, std::optional<Message> (*read)(std::string_view)) {
  const auto message = read(payload);
  if (!message) return;
  const std::string written = frame_of(*message);
  const auto again = read(std::string_view(written).substr(4));
  if (!again || frame_of(*again) != written) std::abort();
}

}  // namespace

/// Whatever comes over a socket, on either side: messages, or none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_as<Request>(bytes, request_from);
  try_as<Response>(bytes, response_from);
  FrameCutter cutter(1 << 16);
  const auto both = [](std::string_view payload) -> std::expected<void, LinkError> {
    try_as<Request>(payload, request_from);
    try_as<Response>(payload, response_from);
    return {};
  };
  for (std::size_t at = 0; at < bytes.size(); at += 7)
    if (!cutter.take(bytes.substr(at, 7), both)) break;
  return 0;
}
