#include "tests/simulation/projector.hpp"

#include <algorithm>
#include <cstring>

#include "projections/model_set.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

using event_log::Crash;
using projections::ReadModels;
using projections::Store;
using projections::StoreErrorKind;

namespace {

constexpr int kStepsToTheEndMax = 10'000;

}  // namespace

Projector::Projector(const Plan& plan, Medium& medium, Planted planted)
    : plan_(plan), medium_(medium), planted_(planted), random_(plan.seed ^ 0x9e4d) {
  disk_.plan_faults(
      [this] {
        perhaps_crash(plan_.crash);
        return happens(plan_.store_fails);
      },
      [this] {
        const bool flushes = happens(plan_.flush);
        perhaps_crash(plan_.crash / 4);
        return flushes;
      });
}

Projector::~Projector() { crash(); }

void Projector::start() {
  try {
    if (!look_at_rows()) return;
    log_ = medium_.open([this] {
      perhaps_crash(plan_.crash / 4);
      return happens(plan_.read_fails);
    });
    auto opened = ReadModels::open(disk_.path(), *log_, {.runner = plan_.runner});
    if (opened) {
      models_ = std::move(*opened);
      models_->follow();
      return;
    }
    // Rows may have been kept of events that the log has hidden since.
    if (opened.error().kind == StoreErrorKind::corrupt && !medium_.hides_something())
      throw Violation("a projector does not start: " + opened.error().message);
    ++happened_["a projector did not start"];
    log_.reset();
  } catch (const Crash&) {
    crash();
  }
}

void Projector::crash() {
  models_.reset();
  log_.reset();
}

void Projector::stop() {
  try {
    static_cast<void>(models_->stop());
  } catch (const Crash&) {
  }
  crash();
}

void Projector::live() {
  if (!is_running()) {
    if (random_.chance(300)) start();
    return;
  }
  try {
    if (random_.chance(plan_.project)) step();
    if (happens(plan_.rebuild)) rebuild_some();
    perhaps_crash(plan_.crash / 4);
    if (happens(plan_.crash / 8)) stop();
  } catch (const Crash&) {
    ++happened_["a projector crashed"];
    crash();
  }
}

void Projector::step() {
  const auto before = applied();
  const bool went_on = models_->step();
  if (!went_on) ++happened_["a projector was stuck"];
  if (!went_on && applied() != before) ++happened_["a projector was stuck on its way"];
  if (went_on == models_->trouble().has_value())
    throw Violation(went_on ? "a projector that goes on says that it cannot"
                            : "a projector that is stuck says nothing");
}

void Projector::catch_up() {
  for (int steps = 0; steps < kStepsToTheEndMax; ++steps) {
    step();
    const auto applied_now = applied();
    bool at_end = true;
    for (std::uint16_t i = 0; i < applied_now.size(); ++i)
      at_end = at_end && applied_now[i] == log_->end({i});
    if (at_end) return;
  }
  throw Violation("a projector does not come to the log's end");
}

void Projector::rebuild_some() {
  const auto names = models_->models();
  // A disk or a log that fails is no harm: the live rows stay.
  const auto rebuilt = models_->rebuild(random_.one_of(names), true);
  ++happened_[rebuilt ? "a model was swapped in" : "a rebuild failed"];
}

std::vector<schema::Sequence> Projector::applied() const {
  std::vector<schema::Sequence> applied(plan_.partitions);
  for (std::uint16_t i = 0; i < plan_.partitions; ++i)
    while (models_->reached({{i}, applied[i].next()})) applied[i] = applied[i].next();
  return applied;
}

void Projector::let_ask(const std::function<void(const projections::Queries&)>& ask) {
  const bool was_calm = std::exchange(calm_, true);
  ask(*models_);
  calm_ = was_calm;
}

bool Projector::is_level() const {
  return std::ranges::equal(furthest_, applied(), std::ranges::less_equal());
}

std::uint64_t Projector::compare_with_history() {
  std::uint64_t print = 0;
  for (const std::string& model : models_->models()) {
    const auto report = models_->diff(model);
    if (!report) throw Violation(model + " cannot be rebuilt: " + report.error().message);
    if (!report->same())
      throw Violation(model + " differs from history in " + std::to_string(report->differing_rows) +
                      " rows");
    std::uint64_t hash;
    std::memcpy(&hash, report->live.hash.bytes.data(), sizeof hash);
    print ^= hash;
  }
  return print;
}

/// What a crash left: a model that was swapped in, and not flushed, is behind the others.
bool Projector::look_at_rows() {
  projections::ModelSet models;
  std::vector<projections::TableName> names;
  for (const projections::Model* model : models.all())
    names.push_back({std::string(model->name()), model->version(), model->looked_up()});
  const auto store = Store::open(disk_.path(), names);
  if (!store) return false;
  damage(**store);
  furthest_.assign(plan_.partitions, {});
  for (const projections::TableName& name : names) {
    const auto positions = (*store)->live(name.model)->positions(plan_.partitions);
    if (!positions) return false;
    for (std::uint16_t i = 0; i < plan_.partitions; ++i)
      furthest_[i] = std::max(furthest_[i], (*positions)[i]);
  }
  for (const projections::TableName& name : names)
    if ((*store)->live(name.model)->positions(plan_.partitions) != furthest_)
      ++happened_["a model stood behind the others"];
  return true;
}

/// What the planted bugs would have done to the rows.
void Projector::damage(Store& store) const {
  projections::Chunk chunk;
  if (planted_ == Planted::lost_row) {
    const auto claims = store.live("claims");
    if (const auto row = claims->rows(); row.valid()) chunk.erase(*claims, row.key());
  }
  if (planted_ == Planted::doubled_event || planted_ == Planted::skipped_event) {
    const auto availability = store.live("availability");
    const auto positions = availability->positions(plan_.partitions).value();
    for (std::uint16_t i = 0; i < plan_.partitions; ++i) {
      const std::uint64_t at = positions[i].value;
      const bool back = planted_ == Planted::doubled_event;
      if (back ? at > 0 : at < medium_.end({i}).value)
        chunk.put_position(*availability, {{i}, {back ? at - 1 : at + 1}});
    }
  }
  if (planted_ == Planted::lost_row || planted_ == Planted::doubled_event ||
      planted_ == Planted::skipped_event)
    static_cast<void>(store.commit(chunk) && store.flush());
}

}  // namespace boxoffice::simulation
