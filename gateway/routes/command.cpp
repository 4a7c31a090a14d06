#include "gateway/routes/command.hpp"

#include "gateway/routes/headers.hpp"
#include "gateway/routes/refusals.hpp"
#include "journal/journal.hpp"

namespace boxoffice::gateway {

namespace {

using Clock = std::chrono::steady_clock;
using schema::Position;

/// A command that was submitted and not yet answered. Its io thread and the processor's share it;
/// the processor's thread touches nothing but `decided`, before it posts.
class Underway final : public http::Waiting, public std::enable_shared_from_this<Underway> {
 public:
  Underway(Environment& environment, http::Reply reply, std::string key, Wanted& wanted)
      : environment_(environment),
        reply_(std::move(reply)),
        key_(std::move(key)),
        render_(std::move(wanted.render)),
        until_read_(wanted.until_read) {}

  http::Reply& reply() { return reply_; }

  /// On the processor's thread, or at once on the io thread that submits.
  void decided(processor::Answer answer) {
    decided_ = std::move(answer);
    reply_.home()->post([self = shared_from_this()] { self->answer(); });
  }

  void overdue(http::Reply& reply) override {
    refuse_for_now(reply, "busy",
                   "The command was not decided in time; a retry under the same key is safe.",
                   std::chrono::seconds(1));
  }

  void refuse_for_now(http::Reply& reply, std::string_view name, std::string detail,
                      std::chrono::milliseconds retry_after) {
    http::Problem problem{.name = name, .detail = std::move(detail)};
    http::extend(problem.extensions, "command", key_);
    const auto seconds =
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(retry_after).count());
    reply.add_header("Retry-After", std::to_string(seconds));
    reply.send(503, http::kProblemJson, to_json(problem));
  }

 private:
  void answer() {
    if (const auto* outcome = std::get_if<processor::Outcome>(&*decided_)) {
      if (until_read_ && !outcome->repeated) return answer_when_read(*outcome);
      return answer_outcome(*outcome);
    }
    if (std::holds_alternative<processor::KeyReused>(*decided_)) {
      return refuse(reply_, "key_reused", "The idempotency key was used for another request.");
    }
    if (std::holds_alternative<processor::TooLarge>(*decided_)) {
      return refuse(reply_, "event_too_large",
                    "What this would write is longer than the log takes.");
    }
    const auto& unavailable = std::get<processor::Unavailable>(*decided_);
    journal::debug("command_undecided", "a command was not decided: " + unavailable.reason)
        .with("error", unavailable.reason);
    refuse_for_now(reply_, "unavailable",
                   "The command could not be decided; a retry under the same key is safe.",
                   unavailable.retry_after);
  }

  void answer_when_read(const processor::Outcome& outcome) {
    const Position position = outcome.deciding_event().envelope.position;
    environment_.told.note_change(position);
    const auto wait_until = Clock::now() + environment_.settings.read_wait;
    auto read = [self = shared_from_this()] {
      // Decided is decided: it is answered also where the models are behind.
      self->reply_.home()->post(
          [self] { self->answer_outcome(std::get<processor::Outcome>(*self->decided_)); });
    };
    const auto ask = [position, wait_until, read, &desk = environment_.services.desk](bool) {
      desk.ask(
          {.question = projections::Arrival(), .at_least = {position}, .wait_until = wait_until},
          [read](const auto&) { read(); });
    };
    if (topic_of(outcome.deciding_event().event) != schema::Topic::accounts) return ask(true);
    // Who makes a key expects to sign in with it.
    environment_.services.accounts.when_reached({position}, wait_until, ask);
  }

  void answer_outcome(const processor::Outcome& outcome) {
    const event_log::CommittedEvent& event = outcome.deciding_event();
    environment_.told.note(event.envelope.position);
    reply_.add_header("Boxoffice-Position", schema::to_text(event.envelope.position));
    if (const auto refusal = refusal_of(event.event)) {
      if (refusal->name == "too_late") {
        return refuse_for_now(reply_, "too_late",
                              "The command was decided after its deadline; it bound no key.",
                              std::chrono::seconds(1));
      }
      return refuse(reply_, problem_of(*refusal));
    }
    render_(environment_, event, std::move(reply_));
  }

  Environment& environment_;
  http::Reply reply_;
  std::string key_;
  Render render_;
  bool until_read_;
  std::optional<processor::Answer> decided_;
};

/// Where a command came from stands on its events: who, what, when, and from where.
void stamp_origin(const Call& call, schema::Command& command) {
  const schema::IpId ip = call.services().vault.ip(call.client);
  std::visit(
      [&](auto& asked_for) {
        if constexpr (requires { asked_for.ip = ip; }) asked_for.ip = ip;
      },
      command);
}

void refuse_key(http::Reply& reply, KeyError error) {
  http::Problem problem{.name = "bad_idempotency_key",
                        .detail = "An idempotency key is 1 to 255 printable ASCII characters.",
                        .field = "Idempotency-Key"};
  if (error == KeyError::weak) {
    problem.name = "weak_key";
    problem.detail = "Who is not signed in needs an idempotency key of 16 characters or more.";
  }
  refuse(reply, problem);
}

}  // namespace

std::string actor_of(const Call& call) {
  return call.principal ? schema::to_text(call.principal->id) : "anonymous";
}

void refuse_for_now(const Call& call, http::Reply& reply, std::string_view name,
                    std::string detail) {
  http::Problem problem{.name = name, .detail = std::move(detail)};
  constexpr bool kPerhapsSignedIn = true;  // who it is may be what is not known for now
  if (call.route.operation.command)
    if (const auto key = idempotency_key_of(call.request, kPerhapsSignedIn))
      http::extend(problem.extensions, "command", *key);
  refuse(reply, problem);
}

std::optional<Named> name_command(const Call& call, http::Reply& reply, std::string_view about) {
  auto key = idempotency_key_of(call.request, call.principal.has_value());
  if (!key) {
    refuse_key(reply, key.error());
    return std::nullopt;
  }
  thread_local std::string request;
  request.clear();
  request.append(http::to_text(call.request.method)).append(" ").append(call.request.target);
  request.append("\n").append(call.request.body);
  const auto identity = call.services().vault.identity(actor_of(call), about, *key, request);
  return Named{.identity = identity, .idempotency_key = std::move(*key)};
}

void submit(Call& call, http::Reply reply, Named named, Wanted wanted) {
  Environment& environment = call.environment;
  const schema::Instant now = environment.services.clock();
  stamp_origin(call, wanted.command);
  auto underway = std::make_shared<Underway>(environment, std::move(reply),
                                             std::move(named.idempotency_key), wanted);
  underway->reply().wait(underway, Clock::now() + environment.settings.command_wait);
  processor::Submission submission{
      .identity = named.identity,
      .subject = wanted.subject,
      .command = std::move(wanted.command),
      .actor = actor_of(call),
      .correlation = call.request_id,
      .traceparent = traceparent_of(call.request),
      .received = now,
      .deadline = now + environment.settings.command_deadline,
      .key = std::move(wanted.key),
      .respond = [underway](processor::Answer answer) { underway->decided(std::move(answer)); }};
  if (environment.services.submit(std::move(submission))) return;
  underway->refuse_for_now(underway->reply(), "busy",
                           "Too many commands are waiting to be decided.", std::chrono::seconds(1));
}

}  // namespace boxoffice::gateway
