#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "projections/desk/desk.hpp"

/// What a gateway and a projector say to each other. Each message is a frame: its length as a
/// big-endian u32, then that many bytes; the first says which message it is.
///
///     gateway    hello  ask 1  ask 2            ping 3
///     projector         welcome  answered 2  answered 1  pong 3
///
/// Answers come in any order. Numbers are the asker's, and grow.
namespace boxoffice::projections::transport {

inline constexpr std::uint32_t kMagic = 0x424f5851;  ///< "BOXQ"
inline constexpr std::uint16_t kVersion = 1;

inline constexpr std::size_t kRequestBytesMax = std::size_t{1} << 20;
/// A page of 500 events, each of 65,535 bytes, and more.
inline constexpr std::size_t kResponseBytesMax = std::size_t{48} << 20;
/// Of any list in a message.
inline constexpr std::size_t kItemsMax = 4'096;

/// The first message; its layout is the same in all versions.
struct Hello {
  std::uint32_t magic = kMagic;
  std::uint16_t version = kVersion;
  std::string deployment;  ///< whose read models are wanted; empty: whosever
};

struct Ask {
  std::uint64_t number = 0;
  std::uint32_t wait_ms = 0;  ///< for the positions
  bool strict = false;
  std::vector<Position> at_least;
  Question question;
};

struct Ping {
  std::uint64_t number = 0;
};

using Request = std::variant<Hello, Ask, Ping>;

/// How a projector is, in its own words.
struct Health {
  bool ready = false;             ///< its models have been at the log's end
  std::uint32_t lag_ms = 0;       ///< as Queries::lag
  std::uint32_t under_way = 0;    ///< questions that it has not answered yet
  std::vector<Sequence> applied;  ///< by partition

  bool reached(Position position) const {
    return position.partition.value < applied.size() &&
           applied[position.partition.value] >= position.sequence;
  }
};

struct Welcome {
  std::string deployment;
};

/// The last message: why the connection ends.
struct Refused {
  std::string reason;
};

struct Answered {
  std::uint64_t number = 0;
  Answer answer;
};

struct Unanswered {
  std::uint64_t number = 0;
  NoAnswer why{};
};

struct Pong {
  std::uint64_t number = 0;
  Health health;
};

using Response = std::variant<Welcome, Refused, Answered, Unanswered, Pong>;

/// The whole frame, its length included.
std::string frame_of(const Request& request);
std::string frame_of(const Response& response);

/// What a frame says, without its length; nullopt: nobody who speaks this version has written it.
std::optional<Request> request_from(std::string_view payload);
std::optional<Response> response_from(std::string_view payload);

}  // namespace boxoffice::projections::transport
