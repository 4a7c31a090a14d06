#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace boxoffice::projections::transport {

/// Why a connection ends.
enum class LinkError {
  frame_too_long,
  frame_malformed,
  frame_unexpected,  ///< at this point of the conversation
  version_unknown,   ///< the peer speaks another version
  deployment_other,  ///< the peer has other read models than are wanted
  too_many_under_way,
  peer_silent,
  peer_slow,  ///< takes nothing of what is sent
  peer_refused,
  peer_gone,
};
std::string_view to_text(LinkError error);

/// Cuts what comes in into frames. Memory grows with what has come, not with what a length claims.
class FrameCutter {
 public:
  using OnFrame = std::function<std::expected<void, LinkError>(std::string_view payload)>;

  explicit FrameCutter(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Hands over each frame that is whole, until `on_frame` fails.
  std::expected<void, LinkError> take(std::string_view arrived, const OnFrame& on_frame);

 private:
  const std::size_t bytes_max_;
  std::string arrived_;
};

}  // namespace boxoffice::projections::transport
