#include "projections/occasions/occasions.hpp"

#include <unordered_set>

#include "events-schema/occasion_steps.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::uint8_t kOccasionRow = 1;

std::string row_of(const OccasionView& view) {
  std::string row;
  Packer(row).position(view.last_event);
  schema::write_data(
      row, schema::OccasionCreated{
               .organizer = view.organizer, .details = view.details, .state = view.state});
  return row;
}

Occasions::View view_of(const schema::OccasionId& id, std::string_view row,
                        schema::Reader& reader) {
  Unpacker unpacker(row);
  const Position last_event = unpacker.position();
  std::string data(unpacker.rest());
  const std::size_t size = data.size();
  data.append(schema::kPadding, '\0');
  schema::Event event;
  const auto parsed =
      reader.event_data(schema::OccasionCreated::kName, schema::OccasionCreated::kVersion,
                        std::string_view(data).substr(0, size), event);
  if (!parsed || !unpacker.ok()) return nullptr;
  auto& created = std::get<schema::OccasionCreated>(event);
  return std::make_shared<const OccasionView>(
      OccasionView{id, created.state, std::move(created.details), created.organizer, last_event});
}

}  // namespace

std::string Occasions::key_of(const schema::OccasionId& id) {
  std::string key;
  Packer(key).u8(kOccasionRow).bytes(id.bytes);
  return key;
}

schema::OccasionId Occasions::id_of(std::string_view key) {
  schema::OccasionId id;
  Unpacker(key.substr(1)).bytes(id.bytes);
  return id;
}

StoreResult<void> Occasions::load(const Table& table) {
  changed_.clear();
  schema::Reader reader;
  std::unordered_set<schema::OccasionId, schema::IdHash> loaded;
  RowIterator rows = table.rows();
  for (; rows.valid(); rows.next()) {
    const schema::OccasionId id = id_of(rows.key());
    View view = view_of(id, rows.value(), reader);
    if (!view)
      return std::unexpected(StoreError{StoreErrorKind::corrupt,
                                        "the row of occasion " + to_text(id) + " is damaged"});
    loaded.insert(id);
    published_.put(id, std::move(view));
  }
  published_.retain(loaded);
  return rows.status();
}

void Occasions::change(const LoggedEvent& event, schema::OccasionState state,
                       const schema::OccasionDetails& details,
                       std::optional<schema::KeyId> organizer) {
  const schema::OccasionId id = event.occasion();
  changed_[id] = std::make_shared<const OccasionView>(
      OccasionView{id, state, details, organizer, event.position()});
}

void Occasions::apply(const LoggedEvent& event, Rows&) {
  const auto organizer = [&]() -> std::optional<schema::KeyId> {
    const auto here = changed_.find(event.occasion());
    const View before = here != changed_.end() ? here->second : find(event.occasion());
    return before ? before->organizer : std::nullopt;
  };
  using namespace schema;
  std::visit(
      Overloaded{
          [&](const OccasionCreated& it) { change(event, it.state, it.details, it.organizer); },
          [&](const OccasionChanged& it) { change(event, it.state, it.details, organizer()); },
          [&](const OccasionStepped auto& it) { change(event, it.state, it.details, organizer()); },
          [](const OneOf<OccasionCreationRefused, OccasionChangeRefused,
                         OccasionStepRefused> auto&) {},
          [](const IsOf<Topic::claims, Topic::accounts, Topic::audit> auto&) {},
      },
      event.event);
}

void Occasions::complete(Rows& rows) {
  for (const auto& [id, view] : changed_) rows.put(key_of(id), row_of(*view));
}

void Occasions::publish() {
  for (auto& [id, view] : changed_) published_.put(id, std::move(view));
  changed_.clear();
}

}  // namespace boxoffice::projections
