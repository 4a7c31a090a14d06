#include "replay-tools/show.hpp"

#include <variant>

namespace boxoffice::replay {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::string_view kTypePrefix = "boxoffice.";

std::string_view without_prefix(std::string_view type) {
  if (type.starts_with(kTypePrefix)) type.remove_prefix(kTypePrefix.size());
  return type;
}

bool is_of_type(std::string_view wanted, const schema::Event& event) {
  return schema::name_of(event) == without_prefix(wanted);
}

template <class... Events>
bool is_name_of_one(std::string_view name, const std::variant<Events...>*) {
  return ((Events::kName == name) || ...);
}

/// Whether what an event is about, or what it names, is that occasion.
bool concerns(const schema::OccasionId& occasion, const schema::Envelope& envelope,
              const schema::Event& event) {
  if (envelope.subject == schema::to_text(occasion)) return true;
  return std::visit(
      [&](const auto& data) {
        if constexpr (requires { data.occasion == occasion; }) return data.occasion == occasion;
        return false;
      },
      event);
}

bool concerns(const schema::PersonId& person, const schema::Envelope& envelope,
              const schema::Event& event) {
  if (envelope.subject == schema::to_text(person)) return true;
  return std::visit(
      [&](const auto& data) {
        if constexpr (requires { data.person == person; }) return data.person == person;
        return false;
      },
      event);
}

bool concerns(const schema::TicketId& ticket, const schema::Event& event) {
  return std::visit(
      [&](const auto& data) {
        if constexpr (requires { data.ticket == ticket; }) return data.ticket == ticket;
        return false;
      },
      event);
}

class Showing {
 public:
  Showing(event_log::Log& log, const Filter& filter,
          const std::function<bool(std::string_view)>& line)
      : log_(log), line_(line), rest_(filter) {
    rest_.partition.reset();
    takes_all_ = rest_ == Filter{};
  }

  /// False: enough was shown.
  event_log::Result<bool> show(schema::Partition partition) {
    const schema::Sequence end = log_.end(partition);
    const auto cursor = log_.read_after({partition, {}});
    while (true) {
      const auto events = cursor->read(kReadBytes);
      if (!events) return std::unexpected(events.error());
      if (events->empty()) return true;
      for (const event_log::StoredEvent& stored : *events) {
        if (stored.position.sequence > end) return true;
        if (is_wanted(stored.value) && !line_(stored.value)) return false;
      }
    }
  }

 private:
  bool is_wanted(std::string_view value) {
    if (takes_all_) return true;
    return reader_.event(value, envelope_, event_) && matches(rest_, envelope_, event_);
  }

  event_log::Log& log_;
  const std::function<bool(std::string_view)>& line_;
  Filter rest_;  // without the partition
  bool takes_all_;
  schema::Reader reader_;
  schema::Envelope envelope_;
  schema::Event event_;
};

}  // namespace

bool is_event_type(std::string_view type) {
  return is_name_of_one(without_prefix(type), static_cast<const schema::Event*>(nullptr));
}

bool matches(const Filter& filter, const schema::Envelope& envelope, const schema::Event& event) {
  if (filter.partition && *filter.partition != envelope.position.partition) return false;
  if (filter.from && envelope.time < *filter.from) return false;
  if (filter.to && envelope.time >= *filter.to) return false;
  if (filter.principal && envelope.actor != *filter.principal) return false;
  if (filter.type && !is_of_type(*filter.type, event)) return false;
  if (filter.occasion && !concerns(*filter.occasion, envelope, event)) return false;
  if (filter.person && !concerns(*filter.person, envelope, event)) return false;
  return !filter.ticket || concerns(*filter.ticket, event);
}

event_log::Result<void> show(event_log::Log& log, const Filter& filter,
                             const std::function<bool(std::string_view)>& line) {
  Showing showing(log, filter, line);
  for (std::uint16_t i = 0; i < log.partitions(); ++i) {
    if (filter.partition && filter.partition->value != i) continue;
    const auto shown = showing.show(schema::Partition{i});
    if (!shown) return std::unexpected(shown.error());
    if (!*shown) break;
  }
  return {};
}

}  // namespace boxoffice::replay
