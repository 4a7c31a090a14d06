#include "commands/processor/processor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "commands/processor/monotonic.hpp"
#include "commands/processor/reply.hpp"

namespace boxoffice::processor {

namespace {

std::string_view refusal_name(const schema::Event& event) {
  return std::visit(
      [](const auto& alternative) -> std::string_view {
        if constexpr (requires { alternative.refusal; })
          return schema::to_text(alternative.refusal);
        else
          return {};
      },
      event);
}

}  // namespace

Processor::Processor(Settings settings, Surroundings surroundings,
                     std::vector<schema::Partition> partitions)
    : settings_(settings),
      surroundings_(surroundings),
      partitions_(std::move(partitions)),
      inbox_(settings.inbox_submissions_max),
      arrivals_(surroundings.arrivals != nullptr ? *surroundings.arrivals : inbox_),
      index_(surroundings.log.partitions(), kNotOwned),
      attempt_wait_(settings.take_over_wait_min),
      away_since_(static_cast<std::int64_t>(now_ns())),
      scribe_(surroundings.log.deployment()),
      outcomes_(surroundings.log),
      recalls_(settings.recalls),
      status_{.ready = false, .reason = "the partitions have not been taken over yet"} {
  for (std::size_t i = 0; i < partitions_.size(); ++i) index_[partitions_[i].value] = i;
}

// What the background still writes refers to this processor's numbers.
Processor::~Processor() { surroundings_.background.drain(this); }

bool Processor::submit(Submission&& submission) {
  if (!away_for_long()) return inbox_.put(std::move(submission));
  stats_.refused_at_once.fetch_add(1, std::memory_order_relaxed);
  submission.respond(Unavailable{status().reason});
  return true;
}

bool Processor::away_for_long() const {
  const std::int64_t since = away_since_.load(std::memory_order_relaxed);
  return since != 0 &&
         std::chrono::nanoseconds(static_cast<std::int64_t>(now_ns()) - since) > settings_.away_max;
}

void Processor::close() { arrivals_.close(); }

Processor::Progress Processor::step(Instant given) {
  if (!is_right(given)) {
    refuse_arrived();
    return progress(given);
  }
  given_ = given;
  now_ = std::max(now_, given);
  if (!writer_ && !is_ending_ && may_attempt(given)) take_over(given);
  measure_clock();
  if (!writer_) {
    refuse_arrived();
    return progress(given);
  }
  if (!begin_batch(given)) return progress(given);
  settle_due();
  decide_arrived();
  commit(given);
  if (writer_) keep_snapshots();
  return progress(given);
}

/// Time stands still where the clock is behind what it, or another process's, has shown.
void Processor::measure_clock() {
  Instant latest = now_;
  for (const OwnedPartition& owned : owned_) latest = std::max(latest, owned.end.time);
  stats_.clock_behind_ms.set(static_cast<std::uint64_t>((latest - given_).count()));
}

bool Processor::begin_batch(Instant given) {
  if (arrived_next_ == arrived_.size()) {
    arrived_.clear();
    arrived_next_ = 0;
    if (auto taken = arrivals_.take(arrived_); !taken) {
      if (const auto& tell = surroundings_.on_let_go)
        tell({.partitions = partitions_, .error = taken.error()});
      lose(std::move(taken.error().message), given);
      return false;
    }
  }
  tell_oldest();
  batch_begun_ns_ = now_ns();
  batch_ = std::make_shared<Batch>();
  batch_bytes_ = 0;
  const std::size_t commands =
      std::min(arrived_.size() - arrived_next_, settings_.batch_commands_max);
  batch_->events.reserve(commands);
  pending_.reserve(commands);
  record_skipped();
  const auto begun = surroundings_.stopwatch();
  recalls_.begin(begun, begun - last_decided_anew_ > settings_.alone_after);
  return true;
}

/// Before what stood behind them, and in its transaction: a range is told once, or found again.
void Processor::record_skipped() {
  const auto skipped = arrivals_.take_skipped();
  if (!skipped) return;
  OwnedPartition& owned = *owner_of(skipped->partition);
  owned.decided = CommandMark{std::string(arrivals_.log()), skipped->through};
  const auto number = [](std::uint64_t offset) { return static_cast<std::int64_t>(offset); };
  scribe_.write(schema::CommandsSkipped{.log = owned.decided->log,
                                        .from = number(skipped->from),
                                        .through = number(skipped->through),
                                        .end = number(skipped->end),
                                        .found = skipped->found},
                *owned.decided, std::max(now_, owned.end.time), owned.partition, owned.end,
                *batch_);
  owned.in_batch.push_back(static_cast<std::uint32_t>(batch_->events.size() - 1));
  skipped_ = {batch_->events.back().envelope.position, *skipped};
}

void Processor::tell_oldest() {
  oldest_received_ms_.store(arrived_next_ < arrived_.size()
                                ? arrived_[arrived_next_].received.time_since_epoch().count()
                                : kNone,
                            std::memory_order_relaxed);
}

std::chrono::milliseconds Processor::behind(Instant now) const {
  using std::chrono::milliseconds;
  const std::int64_t oldest = oldest_received_ms_.load(std::memory_order_relaxed);
  milliseconds behind{};
  if (oldest != kNone) behind = std::max(behind, now.time_since_epoch() - milliseconds(oldest));
  const std::int64_t away = away_since_.load(std::memory_order_relaxed);
  if (away == 0) return behind;
  const std::chrono::nanoseconds since(static_cast<std::int64_t>(now_ns()) - away);
  return std::max(behind, std::chrono::floor<milliseconds>(since));
}

void Processor::settle_due() {
  // Who is first takes turns, so that one partition's many timers do not keep another's waiting.
  std::size_t left = arrived_.empty() ? settings_.timer_events_max
                                      : std::min(settings_.timer_events_max,
                                                 settings_.timer_events_beside_commands_max);
  timers_turn_ = (timers_turn_ + 1) % owned_.size();
  for (std::size_t i = 0; i < owned_.size() && left > 0; ++i) {
    OwnedPartition& owned = owned_[(timers_turn_ + i) % owned_.size()];
    const auto due = domain::next_due(*owned.state);
    const Instant time = std::max(now_, owned.end.time);
    if (!due || *due > time) continue;
    domain::Decision decision = domain::settle_due(*owned.state, time, left);
    const std::size_t first = batch_->events.size();
    left -= std::min(left, decision.size());
    scribe_.measure = false;
    if (scribe_.write(std::move(decision), {}, time, owned.partition, owned.end, *batch_))
      evolve(owned, first);
    stats_.timer_events.add(batch_->events.size() - first);
  }
}

void Processor::decide_arrived() {
  const std::size_t stop = std::min(arrived_.size(), arrived_next_ + settings_.batch_commands_max);
  while (arrived_next_ < stop && batch_bytes_ < settings_.batch_bytes_max) {
    constexpr std::size_t kAhead = 4;
    if (arrived_next_ + kAhead < stop) prefetch(arrived_[arrived_next_ + kAhead]);
    Submission& submission = arrived_[arrived_next_++];
    Answer answer = decide(submission);
    if (!submission.reply_to.empty()) reply(submission, answer);
    pending_.push_back({std::move(submission.respond), std::move(answer)});
  }
}

void Processor::reply(const Submission& submission, const Answer& answer) {
  event_log::ReplyRecord& record =
      batch_->replies.emplace_back(partition_of(submission), submission.reply_to, "");
  write_reply(record.value, answer);
  batch_bytes_ += record.value.size();
}

std::chrono::milliseconds Processor::ahead_of_clock(Instant time) const {
  return std::max(std::chrono::milliseconds(0), time - given_);
}

void Processor::prefetch(const Submission& submission) const {
  const std::size_t place = index_[partition_of(submission).value];
  if (place == kNotOwned) return;
  surroundings_.keys.prefetch(submission.identity.id);
  domain::prefetch(*owned_[place].state, submission.subject, submission.command);
}

Answer Processor::decide(Submission& submission) {
  // One in eight is measured: reading the clock costs as much as a small step.
  const bool measure = (++measure_turn_ & 7) == 0;
  const std::uint64_t begun = measure ? now_ns() : 0;

  const schema::Partition partition = partition_of(submission);
  OwnedPartition* owned = owner_of(partition);
  if (owned == nullptr)
    return Unavailable{"partition " + std::to_string(partition.value) + " is owned elsewhere"};
  const Instant time = std::max(now_, owned->end.time);

  stats_.waited_ms.add(static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, (given_ - submission.received).count())));

  if (auto answer = recall(submission, time)) return std::move(*answer);
  if (!surroundings_.keys.has_room(time))
    return Unavailable{"as many idempotency keys are remembered as may be"};

  scribe_.measure = measure;
  Answer answer = decide_anew(submission, *owned, time);
  if (measure && std::holds_alternative<Outcome>(answer)) {
    stats_.sampled.add();
    stats_.write_ns.add(scribe_.measured.write_ns);
    stats_.hash_ns.add(scribe_.measured.hash_ns);
    stats_.decide_ns.add(now_ns() - begun - scribe_.measured.write_ns - scribe_.measured.hash_ns);
  }
  return answer;
}

Answer Processor::decide_anew(Submission& submission, OwnedPartition& owned, Instant time) {
  domain::Decision decision = domain::decide(*owned.state, submission.subject, submission.command,
                                             submission.deadline + ahead_of_clock(time), time);
  const std::size_t own = static_cast<std::size_t>(std::ranges::count_if(
      decision, [](const domain::Decided& decided) { return !decided.armed_by; }));
  const std::size_t first = batch_->events.size();
  Origin origin{.causation = schema::to_text(submission.identity),
                .correlation = std::move(submission.correlation),
                .traceparent = std::move(submission.traceparent),
                .actor = std::move(submission.actor),
                .received = submission.received,
                .command_offset = submission.offset,
                .command_log = arrivals_.log()};
  if (!scribe_.write(std::move(decision), std::move(origin), time, owned.partition, owned.end,
                     *batch_))
    return TooLarge{};
  evolve(owned, first);
  has_decided_anew_ = true;
  if (submission.offset)
    owned.decided = CommandMark{std::string(arrivals_.log()), *submission.offset};
  Outcome outcome{.batch = batch_, .first = batch_->events.size() - own, .count = own};
  bind(submission, owned, outcome, time);
  return outcome;
}

void Processor::bind(Submission& submission, OwnedPartition& owned, const Outcome& outcome,
                     Instant time) {
  const schema::Event& deciding = outcome.deciding_event().event;
  if (domain::is_refusal(deciding)) {
    stats_.refused(refusal_name(deciding));
  } else if (submission.key) {
    batch_->keys.push_back(
        {owned.partition, std::move(submission.key->name), std::move(submission.key->value)});
  }
  if (domain::is_too_late(deciding)) return;
  surroundings_.keys.remember({submission.identity.id, submission.identity.tag,
                               batch_->events[outcome.first].envelope.position},
                              time);
}

std::optional<Answer> Processor::recall(const Submission& submission, Instant time) {
  const auto found = surroundings_.keys.find(submission.identity.id);
  if (!found) return Unavailable{found.error()};
  if (!*found) return std::nullopt;
  const BoundKey& bound = **found;

  OwnedPartition* owned = owner_of(bound.position.partition);
  if (owned != nullptr && bound.position.sequence > owned->committed) {
    if (bound.tag != submission.identity.tag) return KeyReused{};
    const std::size_t first =
        owned->in_batch[bound.position.sequence.value - owned->committed.value - 1];
    const std::string& cause = batch_->events[first].envelope.causation;
    std::size_t end = first;
    while (end < batch_->events.size() && batch_->events[end].envelope.causation == cause) ++end;
    return Outcome{.batch = batch_, .first = first, .count = end - first, .repeated = true};
  }

  return read_outcome(submission, bound.position, time);
}

std::optional<Answer> Processor::read_outcome(const Submission& submission,
                                              schema::Position position, Instant time) {
  if (submission.deadline + ahead_of_clock(time) + settings_.recalls_late_max < time)
    return Unavailable{"it was asked for too long ago"};
  const auto begun = surroundings_.stopwatch();
  if (!recalls_.is_left(begun)) {
    stats_.repeats_put_off.add();
    return Unavailable{"more commands are repeated than can be looked up at once"};
  }
  auto outcome = outcomes_.read(position);
  recalls_.spend(surroundings_.stopwatch() - begun);
  if (!outcome) return Unavailable{outcome.error()};
  const schema::Envelope& envelope = outcome->batch->events.front().envelope;
  const auto identity = schema::command_identity_from_text(envelope.causation);
  const bool is_its = identity && identity->id == submission.identity.id;
  if (!is_its || envelope.time + settings_.key_window <= time) return std::nullopt;
  if (identity->tag != submission.identity.tag) return KeyReused{};
  return std::move(*outcome);
}

void Processor::evolve(OwnedPartition& owned, std::size_t first) {
  for (std::size_t i = first; i < batch_->events.size(); ++i) {
    const event_log::CommittedEvent& event = batch_->events[i];
    const auto subject = schema::id_from_text<domain::SubjectId>(event.envelope.subject);
    domain::evolve(*owned.state, *subject, event.event, event.envelope.position.sequence,
                   event.envelope.time);
    owned.in_batch.push_back(static_cast<std::uint32_t>(i));
    batch_bytes_ += event.value.size();
  }
}

void Processor::commit(Instant given) {
  if (!batch_->events.empty() || !batch_->replies.empty()) {
    const std::uint64_t begun = now_ns();
    const auto appended = writer_->append(batch_);
    const std::uint64_t took_ns = now_ns() - begun;
    if (!appended) {
      stats_.appends_failed.add();
      if (appended.error().kind == event_log::LogErrorKind::fenced) stats_.appends_fenced.add();
      if (const auto& tell = surroundings_.on_append_failed)
        tell({.partitions = partitions_,
              .events = batch_->events.size(),
              .commands = pending_.size(),
              .error = appended.error(),
              .took = std::chrono::floor<std::chrono::milliseconds>(
                  std::chrono::nanoseconds(took_ns))});
      lose(appended.error().message, given);
      return;
    }
    stats_.batches.add();
    stats_.events.add(batch_->events.size());
    stats_.append_ns.add(took_ns);
    stats_.append_us.add(took_ns / 1000);
    stats_.batch_events.add(batch_->events.size());

    failures_in_a_row_ = 0;
    tell_skipped();

    committed_through_.clear();
    for (OwnedPartition& owned : owned_) {
      if (owned.in_batch.empty()) continue;
      owned.in_batch.clear();
      owned.committed = owned.end.sequence;
      committed_through_.push_back({owned.partition, owned.committed});
    }
    surroundings_.keys.committed(committed_through_, now_);
    stats_.keys_in_memory.set(surroundings_.keys.size());
  }
  if (std::exchange(has_decided_anew_, false)) last_decided_anew_ = surroundings_.stopwatch();
  answer_pending();
}

void Processor::tell_skipped() {
  if (!skipped_) return;
  stats_.commands_skipped.add(skipped_->skipped.through - skipped_->skipped.from + 1);
  if (surroundings_.on_skipped) surroundings_.on_skipped(*skipped_);
  skipped_.reset();
}

void Processor::answer_pending() {
  for (Pending& pending : pending_) {
    if (const auto* outcome = std::get_if<Outcome>(&pending.answer))
      (outcome->repeated ? stats_.commands_repeated : stats_.commands_decided).add();
    else if (std::holds_alternative<KeyReused>(pending.answer))
      stats_.keys_reused.add();
    else if (std::holds_alternative<TooLarge>(pending.answer))
      stats_.commands_too_large.add();
    else
      stats_.commands_unavailable.add();
    if (pending.respond) pending.respond(std::move(pending.answer));
  }
  if (!pending_.empty()) stats_.cycle_us.add((now_ns() - batch_begun_ns_) / 1000);
  pending_.clear();
  tell_oldest();
  stats_.publish_refusals();
  batch_.reset();
}

Processor::Progress Processor::progress(Instant given) const {
  Progress progress;
  progress.more = writer_ && arrived_next_ < arrived_.size();
  if (!writer_) {
    progress.next = given + attempt_wait_;
    return progress;
  }
  for (const OwnedPartition& owned : owned_) {
    const auto due = domain::next_due(*owned.state);
    if (!due) continue;
    if (!progress.next || *due < *progress.next) progress.next = due;
    if (*due <= std::max(now_, owned.end.time)) progress.more = true;
  }
  return progress;
}

Processor::Status Processor::status() const {
  const std::scoped_lock lock(status_mutex_);
  return status_;
}

Stats Processor::stats() const {
  Stats stats = stats_.read();
  stats.inbox_depth = arrivals_.depth();
  return stats;
}

schema::Partition Processor::partition_of(const Submission& submission) const {
  return schema::partition_of(schema::to_text(submission.subject), surroundings_.log.partitions());
}

OwnedPartition* Processor::owner_of(schema::Partition partition) {
  const std::size_t place = index_[partition.value];
  return place == kNotOwned ? nullptr : &owned_[place];
}

}  // namespace boxoffice::processor
