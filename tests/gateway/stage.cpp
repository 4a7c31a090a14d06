#include "tests/gateway/stage.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "projections/desk/local_desk.hpp"
#include "projections/transport/query_server.hpp"
#include "projections/transport/remote_desk.hpp"

namespace boxoffice::gateway_test {

namespace {

sealing::Roots test_roots() {
  sealing::Roots roots;
  roots.master.bytes.fill(7);
  roots.pepper.bytes.fill(9);
  return roots;
}

/// Answers that a local desk would have at once come later, from another thread, as a projector's
/// do.
class LaterDesk final : public projections::Desk {
 public:
  explicit LaterDesk(const projections::Queries& queries) : local_(queries) {}

  std::optional<projections::Answer> at_once(const projections::Question&,
                                             std::span<const schema::Position>) const override {
    return std::nullopt;
  }
  void ask(projections::Inquiry inquiry, Then then) override {
    local_.ask(std::move(inquiry), std::move(then));
  }
  std::chrono::milliseconds lag() const override { return local_.lag(); }

 private:
  projections::LocalDesk local_;
};

/// All answers come from over a socket.
class FarDesk final : public projections::Desk {
 public:
  explicit FarDesk(const projections::Queries& queries)
      : local_(queries), server_({}, local_, [] { return Health{.ready = true}; }) {
    if (const auto started = server_.start(); !started) ADD_FAILURE() << started.error();
    remote_.emplace(projections::transport::RemoteDeskSettings{
        .projectors = {{"127.0.0.1", server_.port()}}, .deployment = {}});
    while (remote_->trouble()) std::this_thread::sleep_for(1ms);
  }

  std::optional<projections::Answer> at_once(
      const projections::Question& question,
      std::span<const schema::Position> at_least) const override {
    return remote_->at_once(question, at_least);
  }
  void ask(projections::Inquiry inquiry, Then then) override {
    remote_->ask(std::move(inquiry), std::move(then));
  }
  std::chrono::milliseconds lag() const override { return local_.lag(); }

 private:
  using Health = projections::transport::Health;

  projections::LocalDesk local_;
  projections::transport::QueryServer server_;
  std::optional<projections::transport::RemoteDesk> remote_;
};

/// The same tests hold wherever the read models are.
std::unique_ptr<projections::Desk> desk_of(const projections::Queries& queries) {
  const char* const given = std::getenv("BOXOFFICE_TEST_DESK");
  const std::string_view where = given == nullptr ? "" : given;
  if (where == "later") return std::make_unique<LaterDesk>(queries);
  if (where == "far") return std::make_unique<FarDesk>(queries);
  return std::make_unique<projections::LocalDesk>(queries);
}

}  // namespace

Stage::Stage(gateway::Settings settings) : desk(desk_of(queries)), vault(test_roots()) {
  settings.admin_key_hash = sealing::Vault::key_hash(kAdminKey);
  gateway::Services services{
      .desk = *desk,
      .accounts = queries,
      .vault = vault,
      .submit =
          [this](processor::Submission&& submission) { return submit(std::move(submission)); },
      .readiness = [this] { return readiness; },
      .clock = [this] { return now; },
      .partitions = 4};
  gateway = std::make_unique<gateway::Gateway>(std::move(settings), std::move(services));
  if (!gateway->start()) ADD_FAILURE() << "the gateway does not start";
}

Stage::~Stage() { gateway->stop(); }

bool Stage::submit(processor::Submission&& submission) {
  std::lock_guard lock(mutex_);
  if (std::holds_alternative<schema::RecordKeyUse>(submission.command)) return true;
  ++submitted_;
  switch (mood_) {
    case Mood::full:
      return false;
    case Mood::silent:
      silenced_.push_back(std::move(submission));
      return true;
    case Mood::unavailable:
      submission.respond(processor::Unavailable{.reason = "a full disk", .retry_after = 3s});
      return true;
    case Mood::decide:
      submission.respond(decide(submission));
      break;
  }
  seen_.push_back(std::move(submission));
  return true;
}

void Stage::forget() {
  std::lock_guard lock(mutex_);
  outcomes_.clear();
}

processor::Submission Stage::last() const {
  std::lock_guard lock(mutex_);
  const processor::Submission& last = seen_.back();
  return {.identity = last.identity,
          .subject = last.subject,
          .command = last.command,
          .actor = last.actor,
          .correlation = last.correlation,
          .traceparent = last.traceparent,
          .received = last.received,
          .deadline = last.deadline,
          .key = last.key};
}

processor::Answer Stage::decide(processor::Submission& submission) {
  if (const auto known = outcomes_.find(submission.identity.id); known != outcomes_.end()) {
    if (known->second.first != submission.identity) return processor::KeyReused{};
    processor::Outcome outcome = known->second.second;
    outcome.repeated = true;
    return outcome;
  }
  auto batch = std::make_shared<event_log::Batch>();
  for (domain::Decided& decided :
       domain::decide(state_, submission.subject, submission.command, submission.deadline, now)) {
    sequence_ = sequence_.next();
    domain::evolve(state_, decided.subject, decided.event, sequence_, now);
    event_log::CommittedEvent event{
        .topic = schema::topic_of(decided.event),
        .envelope = {.position = {.partition = {2}, .sequence = sequence_},
                     .source = "boxoffice:testtesttest",
                     .subject = schema::to_text(decided.subject),
                     .time = now,
                     .causation = schema::to_text(submission.identity),
                     .actor = submission.actor,
                     .previous =
                         sequence_.value == 1 ? std::nullopt : std::optional(schema::Digest())},
        .event = std::move(decided.event)};
    schema::write_event(event.value, event.envelope, event.event);
    batch->events.push_back(std::move(event));
  }
  if (submission.key) queries.put_key(submission.key->name, submission.key->value);
  for (const auto& event : batch->events) queries.apply(event);
  const processor::Outcome outcome{.batch = batch, .first = 0, .count = batch->events.size()};
  outcomes_[submission.identity.id] = {submission.identity, outcome};
  return outcome;
}

std::string Stage::key(std::string_view role, std::string_view occasion) const {
  std::string body = R"({"name":"test","role":")" + std::string(role) + '"';
  if (!occasion.empty()) body += R"(,"occasion":")" + std::string(occasion) + '"';
  const Answer made = post("/v1/keys", body + '}', admin());
  EXPECT_EQ(made.status, 201) << made.body;
  return made.member("key");
}

std::string Stage::occasion(std::string_view more) const {
  const Answer made = post("/v1/occasions",
                           R"({"name":"Gala","starts_at":"2030-06-01T19:00:00.000Z",)"
                           R"("pools":[{"name":"main","capacity":10}],"claims":{})" +
                               std::string(more) + '}',
                           admin());
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string id = made.member("id");
  EXPECT_EQ(post("/v1/occasions/" + id + "/open", "", admin()).status, 200);
  return id;
}

}  // namespace boxoffice::gateway_test
