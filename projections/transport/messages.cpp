#include "projections/transport/messages.hpp"

#include <concepts>
#include <memory>

#include "events-schema/codec.hpp"
#include "projections/store/packed.hpp"

// Each type says its members once, for writing and for reading, so that the two cannot differ.
namespace boxoffice::projections::transport {
namespace {

template <class T, class Wanted>
concept Is = std::same_as<std::remove_const_t<T>, Wanted>;

void members(auto& io, Is<OccasionView> auto& it) {
  io(it.id, it.state, it.details, it.organizer, it.last_event);
}
void members(auto& io, Is<AvailabilityView> auto& it) { io(it.body, it.position, it.state); }
void members(auto& io, Is<ClaimView> auto& it) {
  io(it.occasion, it.id, it.person, it.ticket, it.pool, it.number, it.state, it.expires_at,
     it.last_event);
}
void members(auto& io, Is<KeyView> auto& it) {
  io(it.id, it.name, it.role, it.occasion, it.hash, it.created_at, it.last_used_at, it.last_event);
}
void members(auto& io, Is<KeyFound> auto& it) { io(it.key, it.occasion); }
void members(auto& io, Is<AuditItem> auto& it) { io(it.position, it.value); }
void members(auto& io, Is<AuditFilter> auto& it) {
  io(it.occasion, it.person, it.ticket, it.principal, it.type, it.from, it.to);
}
template <class T>
void members(auto& io, const Page<T>& it) {
  io(it.items, it.next);
}
template <class T>
void members(auto& io, Page<T>& it) {
  io(it.items, it.next);
}

void members(auto&, Is<Arrival> auto&) {}
void members(auto&, Is<std::monostate> auto&) {}
void members(auto& io, Is<OccasionById> auto& it) { io(it.id); }
void members(auto& io, Is<OccasionList> auto& it) { io(it.states, it.scope, it.after, it.limit); }
void members(auto& io, Is<AvailabilityById> auto& it) { io(it.id); }
void members(auto& io, Is<ClaimById> auto& it) { io(it.occasion, it.id); }
void members(auto& io, Is<KeyById> auto& it) { io(it.id); }
void members(auto& io, Is<KeyList> auto& it) { io(it.scope, it.occasion, it.after, it.limit); }
void members(auto& io, Is<AuditTrail> auto& it) { io(it.filter, it.after, it.limit); }
void members(auto& io, Is<WrappedKeys::Name> auto& it) { io(it.partition, it.name); }
void members(auto& io, Is<WrappedKeys> auto& it) { io(it.names); }

void members(auto& io, Is<Hello> auto& it) { io(it.magic, it.version, it.deployment); }
void members(auto& io, Is<Ask> auto& it) {
  io(it.number, it.wait_ms, it.strict, it.at_least, it.question);
}
void members(auto& io, Is<Ping> auto& it) { io(it.number); }
void members(auto& io, Is<Health> auto& it) { io(it.ready, it.lag_ms, it.under_way, it.applied); }
void members(auto& io, Is<Welcome> auto& it) { io(it.deployment); }
void members(auto& io, Is<Refused> auto& it) { io(it.reason); }
void members(auto& io, Is<Answered> auto& it) { io(it.number, it.answer); }
void members(auto& io, Is<Unanswered> auto& it) { io(it.number, it.why); }
void members(auto& io, Is<Pong> auto& it) { io(it.number, it.health); }

/// How many values an enumeration has.
template <class>
inline constexpr std::size_t kCount = 0;
template <>
inline constexpr std::size_t kCount<schema::OccasionState> = schema::kOccasionStateCount;
template <>
inline constexpr std::size_t kCount<schema::Role> = schema::kRoleCount;
template <>
inline constexpr std::size_t kCount<ClaimState> = 4;
template <>
inline constexpr std::size_t kCount<QueryError> = 2;
template <>
inline constexpr std::size_t kCount<NoAnswer> = 2;

class Writing {
 public:
  explicit Writing(std::string& out) : out_(out), packer_(out) {}

  template <class... Members>
  void operator()(const Members&... members) {
    (put(members), ...);
  }

 private:
  void put(bool value) { packer_.u8(value ? 1 : 0); }
  void put(std::uint16_t value) { packer_.u16(value); }
  void put(std::uint32_t value) { packer_.u32(value); }
  void put(std::uint64_t value) { packer_.u64(value); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void put(Enum value) { packer_.u8(static_cast<std::uint8_t>(value)); }
  template <class Tag>
  void put(const schema::Id<Tag>& id) {
    packer_.bytes(id.bytes);
  }
  void put(const schema::Digest& digest) { packer_.bytes(digest.bytes); }
  void put(Instant instant) { packer_.instant(instant); }
  void put(Partition partition) { packer_.u16(partition.value); }
  void put(Sequence sequence) { packer_.u64(sequence.value); }
  void put(Position position) { packer_.position(position); }
  void put(const std::string& text) {
    packer_.u32(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  void put(const schema::OccasionDetails& details) {
    std::string json;
    schema::write_object(json, details);
    put(json);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::shared_ptr<const T>& value) {
    put(value != nullptr);
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    packer_.u32(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }
  template <class T, class Error>
  void put(const std::expected<T, Error>& value) {
    put(value.has_value());
    if (value)
      put(*value);
    else
      put(value.error());
  }
  template <class... Choices>
  void put(const std::variant<Choices...>& choice) {
    packer_.u8(static_cast<std::uint8_t>(choice.index()));
    std::visit([this](const auto& chosen) { put(chosen); }, choice);
  }
  template <class T>
  requires requires(Writing& io, const T& it) { members(io, it); }
  void put(const T& it) { members(*this, it); }

  std::string& out_;
  Packer packer_;
};

/// Reads what Writing wrote. What cannot have been written by it makes `complete` false.
class Reading {
 public:
  explicit Reading(std::string_view bytes) : unpacker_(bytes) {}

  template <class... Members>
  void operator()(Members&... members) {
    (get(members), ...);
  }

  bool complete() const { return sound_ && unpacker_.complete(); }

 private:
  void get(bool& value) {
    const std::uint8_t byte = unpacker_.u8();
    require(byte <= 1);
    value = byte == 1;
  }
  void get(std::uint16_t& value) { value = unpacker_.u16(); }
  void get(std::uint32_t& value) { value = unpacker_.u32(); }
  void get(std::uint64_t& value) { value = unpacker_.u64(); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void get(Enum& value) {
    const std::uint8_t number = unpacker_.u8();
    if (require(number < kCount<Enum>)) value = static_cast<Enum>(number);
  }
  template <class Tag>
  void get(schema::Id<Tag>& id) {
    unpacker_.bytes(id.bytes);
  }
  void get(schema::Digest& digest) { unpacker_.bytes(digest.bytes); }
  void get(Instant& instant) { instant = unpacker_.instant(); }
  void get(Partition& partition) { partition.value = unpacker_.u16(); }
  void get(Sequence& sequence) { sequence.value = unpacker_.u64(); }
  void get(Position& position) { position = unpacker_.position(); }
  void get(std::string& text) { text = unpacker_.take(unpacker_.u32()); }
  void get(schema::OccasionDetails& details) {
    thread_local schema::Reader reader;
    std::string json;
    get(json);
    json.reserve(json.size() + schema::kPadding);
    if (going_on()) require(reader.object(json, details).has_value());
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool is_there = false;
    get(is_there);
    if (is_there) get(value.emplace());
  }
  template <class T>
  void get(std::shared_ptr<const T>& value) {
    bool is_there = false;
    get(is_there);
    if (!is_there) return;
    auto made = std::make_shared<T>();
    get(*made);
    value = std::move(made);
  }
  template <class T>
  void get(std::vector<T>& values) {
    const std::uint32_t count = unpacker_.u32();
    if (!require(count <= kItemsMax)) return;
    for (std::uint32_t i = 0; i < count && going_on(); ++i) get(values.emplace_back());
  }
  template <class T, class Error>
  void get(std::expected<T, Error>& value) {
    bool is_there = false;
    get(is_there);
    if (is_there) return get(value.emplace());
    Error error{};
    get(error);
    value = std::unexpected(error);
  }
  template <class... Choices>
  void get(std::variant<Choices...>& choice) {
    const std::size_t index = unpacker_.u8();
    if (require(index < sizeof...(Choices))) choose(choice, index);
  }
  template <class T>
  requires requires(Reading& io, T& it) { members(io, it); }
  void get(T& it) { members(*this, it); }

  template <std::size_t Index = 0, class Variant>
  void choose(Variant& choice, std::size_t index) {
    if constexpr (Index < std::variant_size_v<Variant>) {
      if (index != Index) return choose<Index + 1>(choice, index);
      get(choice.template emplace<Index>());
    }
  }

  bool require(bool holds) {
    sound_ = sound_ && holds;
    return going_on();
  }
  bool going_on() const { return sound_ && unpacker_.ok(); }

  Unpacker unpacker_;
  bool sound_ = true;
};

template <class Message>
std::string frame(const Message& message) {
  constexpr std::size_t kLengthBytes = 4;
  std::string bytes(kLengthBytes, '\0');
  Writing writing(bytes);
  writing(message);
  std::string length;
  Packer(length).u32(static_cast<std::uint32_t>(bytes.size() - kLengthBytes));
  bytes.replace(0, kLengthBytes, length);
  return bytes;
}

template <class Message>
std::optional<Message> read(std::string_view payload) {
  Reading reading(payload);
  Message message;
  reading(message);
  if (!reading.complete()) return std::nullopt;
  return message;
}

}  // namespace

std::string frame_of(const Request& request) { return frame(request); }
std::string frame_of(const Response& response) { return frame(response); }
std::optional<Request> request_from(std::string_view payload) { return read<Request>(payload); }
std::optional<Response> response_from(std::string_view payload) { return read<Response>(payload); }

}  // namespace boxoffice::projections::transport
