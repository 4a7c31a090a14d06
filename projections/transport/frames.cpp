#include "projections/transport/frames.hpp"

#include "projections/store/packed.hpp"

namespace boxoffice::projections::transport {
namespace {

constexpr std::size_t kLengthBytes = 4;

}  // namespace

std::string_view to_text(LinkError error) {
  switch (error) {
    case LinkError::frame_too_long:
      return "frame_too_long";
    case LinkError::frame_malformed:
      return "frame_malformed";
    case LinkError::frame_unexpected:
      return "frame_unexpected";
    case LinkError::version_unknown:
      return "version_unknown";
    case LinkError::deployment_other:
      return "deployment_other";
    case LinkError::too_many_under_way:
      return "too_many_under_way";
    case LinkError::peer_silent:
      return "peer_silent";
    case LinkError::peer_slow:
      return "peer_slow";
    case LinkError::peer_refused:
      return "peer_refused";
    case LinkError::peer_gone:
      return "peer_gone";
  }
  return "";
}

std::expected<void, LinkError> FrameCutter::take(std::string_view arrived,
                                                 const OnFrame& on_frame) {
  arrived_.append(arrived);
  std::size_t at = 0;
  while (arrived_.size() - at >= kLengthBytes) {
    const std::size_t length = Unpacker(std::string_view(arrived_).substr(at, kLengthBytes)).u32();
    if (length > bytes_max_) return std::unexpected(LinkError::frame_too_long);
    if (arrived_.size() - at - kLengthBytes < length) break;
    const auto payload = std::string_view(arrived_).substr(at + kLengthBytes, length);
    if (auto done = on_frame(payload); !done) return done;
    at += kLengthBytes + length;
  }
  arrived_.erase(0, at);
  constexpr std::size_t kKept = 256 << 10;
  if (arrived_.empty() && arrived_.capacity() > kKept) arrived_ = {};
  return {};
}

}  // namespace boxoffice::projections::transport
