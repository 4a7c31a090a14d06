#include "projections/read_models.hpp"

#include <algorithm>

#include "projections/audit/trail.hpp"
#include "projections/model_set.hpp"
#include "projections/page_cursor.hpp"

namespace boxoffice::projections {
namespace {

/// Rows that one page of a list may look at.
constexpr std::size_t kListStepsMax = 10'000;

/// A page of a list whose rows are in the order of ids: those that `view_of` has something for.
template <class List, class View>
QueryResult<Page<View>> list_page(const Table& table, const ListName& list, std::string_view after,
                                  std::size_t limit,
                                  const std::function<View(std::string_view)>& view_of) {
  Page<View> page;
  RowIterator rows = table.rows();
  if (!after.empty()) {
    const auto place = place_from(list, after);
    if (!place || place->size() != List::key_of({}).size())
      return std::unexpected(QueryError::bad_cursor);
    rows.seek(*place);
  }
  for (std::size_t steps = 0; rows.valid(); rows.next(), ++steps) {
    const View view = steps < kListStepsMax ? view_of(rows.key()) : nullptr;
    if (steps == kListStepsMax || (view && page.items.size() == limit)) {
      page.next = page_cursor(list, rows.key());
      return page;
    }
    if (view) page.items.push_back(view);
  }
  if (!rows.status()) return std::unexpected(QueryError::unavailable);
  return page;
}

ListName occasions_list(std::span<const schema::OccasionState> states) {
  std::vector<schema::OccasionState> sorted(states.begin(), states.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  Fingerprint fingerprint;
  for (const schema::OccasionState state : sorted) fingerprint.add_part('s', to_text(state));
  return {ListKind::occasions, fingerprint.value()};
}

StoreError unknown_model(std::string_view name) {
  return {StoreErrorKind::unavailable, "there is no read model \"" + std::string(name) + '"'};
}

}  // namespace

struct ReadModels::Impl {
  Impl(event_log::Log& log, std::unique_ptr<Store> opened, const ReadModelsSettings& settings)
      : log(log), store(std::move(opened)), progress(log.partitions(), settings.waiting_max) {}

  Model* model(std::string_view name) {
    for (Model* model : models.all())
      if (model->name() == name) return model;
    return nullptr;
  }

  event_log::Log& log;
  std::unique_ptr<Store> store;
  ModelSet models;
  Progress progress;
  std::unique_ptr<Runner> runner;
  std::mutex rebuilding;
};

ReadModels::ReadModels(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReadModels::~ReadModels() {
  impl_->runner->stop();
  impl_->progress.close();
}

StoreResult<std::unique_ptr<ReadModels>> ReadModels::open(const std::filesystem::path& directory,
                                                          event_log::Log& log,
                                                          const ReadModelsSettings& settings) {
  std::vector<TableName> names;
  ModelSet known;
  for (const Model* model : known.all())
    names.push_back({std::string(model->name()), model->version(), model->looked_up()});
  auto store = Store::open(directory, names, settings.store);
  if (!store) return std::unexpected(std::move(store.error()));

  auto impl = std::make_unique<Impl>(log, std::move(*store), settings);
  std::vector<Fold::Member> members;
  for (Model* model : impl->models.all()) {
    auto table = impl->store->live(model->name());
    if (auto loaded = model->load(*table); !loaded)
      return std::unexpected(std::move(loaded.error()));
    members.push_back({model, std::move(table)});
  }
  auto fold = Fold::open(*impl->store, std::move(members), log.partitions());
  if (!fold) return std::unexpected(std::move(fold.error()));
  // Each of them: after a crash they may stand at different places.
  for (std::uint16_t partition = 0; partition < log.partitions(); ++partition)
    if (fold->farthest({partition}) > log.end({partition}))
      return std::unexpected(StoreError{
          StoreErrorKind::corrupt,
          "the read models in " + directory.string() + " have seen " +
              schema::to_text(Position{{partition}, fold->farthest({partition})}) +
              ", which the log does not have: they are another log's; delete the directory"});
  impl->runner = std::make_unique<Runner>(log, *impl->store, std::move(*fold), impl->progress,
                                          settings.runner);
  return std::unique_ptr<ReadModels>(new ReadModels(std::move(impl)));
}

void ReadModels::start() { impl_->runner->start(); }
void ReadModels::follow() { impl_->runner->follow(); }
bool ReadModels::step() { return impl_->runner->step(); }

StoreResult<void> ReadModels::stop() {
  impl_->runner->stop();
  impl_->progress.close();
  return impl_->store->flush();
}

bool ReadModels::ready() const { return impl_->runner->ready(); }

std::optional<std::string> ReadModels::trouble() const { return impl_->runner->trouble(); }

std::vector<std::string> ReadModels::models() const {
  std::vector<std::string> names;
  for (const Model* model : impl_->models.all()) names.emplace_back(model->name());
  return names;
}

StoreResult<RebuildReport> ReadModels::rebuild(std::string_view name, bool swap,
                                               std::stop_token stop) {
  const std::lock_guard lock(impl_->rebuilding);
  Model* live = impl_->model(name);
  if (!live) return std::unexpected(unknown_model(name));
  Rebuild rebuild(impl_->log, *impl_->store, *impl_->runner, *live, make_model(name), stop);
  std::shared_ptr<const Moment> moment;
  auto done = rebuild.run([&](Fold& fold) -> StoreResult<void> {
    moment = impl_->store->moment();
    return swap ? rebuild.swap_in(fold) : StoreResult<void>();
  });
  if (!done) return std::unexpected(std::move(done.error()));
  auto census = census_of(rebuild.table(), std::move(moment), stop);
  if (!census && swap) census.error().message += "; the new rows are in place";
  if (!census) return std::unexpected(std::move(census.error()));
  return RebuildReport{std::string(name), live->version(), *census, swap};
}

StoreResult<DiffReport> ReadModels::diff(std::string_view name, std::stop_token stop) {
  const std::lock_guard lock(impl_->rebuilding);
  Model* live = impl_->model(name);
  if (!live) return std::unexpected(unknown_model(name));
  Rebuild rebuild(impl_->log, *impl_->store, *impl_->runner, *live, make_model(name), stop);
  std::shared_ptr<const Moment> moment;
  auto done = rebuild.run([&](Fold&) -> StoreResult<void> {
    moment = impl_->store->moment();
    return {};
  });
  if (!done) return std::unexpected(std::move(done.error()));
  auto report = compare(*impl_->store->live(name), rebuild.table(), std::move(moment), stop);
  if (!report) return report;
  report->model = name;
  report->version = live->version();
  return report;
}

StoreResult<void> ReadModels::apply_all() { return impl_->runner->apply_all(); }

std::shared_ptr<const OccasionView> ReadModels::occasion(const schema::OccasionId& id) const {
  return impl_->models.occasions.find(id);
}

QueryResult<Page<std::shared_ptr<const OccasionView>>> ReadModels::occasions(
    std::span<const schema::OccasionState> states, std::string_view after,
    std::size_t limit) const {
  const auto table = impl_->store->live(impl_->models.occasions.name());
  return list_page<Occasions, Occasions::View>(
      *table, occasions_list(states), after, limit, [&](std::string_view key) -> Occasions::View {
        Occasions::View view = impl_->models.occasions.find(Occasions::id_of(key));
        const bool shown = view && (states.empty() || std::ranges::count(states, view->state) > 0);
        return shown ? view : nullptr;
      });
}

std::shared_ptr<const AvailabilityView> ReadModels::availability(
    const schema::OccasionId& id) const {
  return impl_->models.availability.find(id);
}

QueryResult<std::optional<ClaimView>> ReadModels::claim(const schema::OccasionId& occasion,
                                                        const schema::ClaimId& id) const {
  const auto row = impl_->store->live(impl_->models.claims.name())->get(Claims::key_of(id));
  if (!row) return std::unexpected(QueryError::unavailable);
  if (!*row) return std::nullopt;
  const std::optional<ClaimRow> claim = claim_row_from(**row);
  if (!claim) return std::unexpected(QueryError::unavailable);
  if (claim->occasion != occasion) return std::nullopt;

  ClaimView view{.occasion = occasion,
                 .id = id,
                 .person = claim->person,
                 .ticket = schema::ticket_id(occasion, claim->place),
                 .number = claim->place.number,
                 .state = claim->state,
                 .last_event = claim->last_event};
  if (claim->state == ClaimState::held || claim->state == ClaimState::expired)
    view.expires_at = claim->expires_at;
  const auto about = impl_->models.occasions.find(occasion);
  if (about && claim->place.pool < about->details.pools.size())
    view.pool = about->details.pools[claim->place.pool].name;
  return view;
}

std::shared_ptr<const KeyView> ReadModels::key(const schema::KeyId& id) const {
  return impl_->models.keys.find(id);
}

QueryResult<Page<std::shared_ptr<const KeyView>>> ReadModels::keys(std::string_view after,
                                                                   std::size_t limit) const {
  const auto table = impl_->store->live(impl_->models.keys.name());
  return list_page<Keys, Keys::View>(
      *table, {ListKind::keys}, after, limit,
      [&](std::string_view key) { return impl_->models.keys.find(Keys::id_of(key)); });
}

QueryResult<Page<AuditItem>> ReadModels::audit(const AuditFilter& filter, std::string_view after,
                                               std::size_t limit) const {
  const auto table = impl_->store->live(impl_->models.audit.name());
  const auto applied = [this](Partition partition) { return impl_->progress.applied(partition); };
  return trail_page(impl_->log, *table, applied, filter, after, limit);
}

QueryResult<std::optional<std::string>> ReadModels::wrapped_key(Partition partition,
                                                                std::string_view name) const {
  if (partition.value >= impl_->log.partitions()) return std::nullopt;
  auto key = impl_->log.key(partition, name);
  if (!key) return std::unexpected(QueryError::unavailable);
  return std::move(*key);
}

bool ReadModels::reached(Position position) const { return impl_->progress.reached(position); }

Sequence ReadModels::applied(Partition partition) const {
  return impl_->progress.applied(partition);
}

void ReadModels::when_reached(std::vector<Position> positions,
                              std::chrono::steady_clock::time_point deadline,
                              std::function<void(bool)> then) const {
  if (impl_->progress.when_reached(std::move(positions), deadline, std::move(then)))
    impl_->runner->hurry();
}

std::chrono::milliseconds ReadModels::lag() const {
  return std::max(impl_->runner->lag(), impl_->log.end_age());
}

PartitionLag ReadModels::lag_of(schema::Partition partition, schema::Instant now) const {
  return partition_lag(impl_->log, {partition, impl_->progress.applied(partition)}, now);
}

}  // namespace boxoffice::projections
