#include "tests/simulation/clients.hpp"

#include <algorithm>

#include "tests/processor/vocabulary.hpp"

namespace boxoffice::simulation {

using processor::Answer;
using processor::Outcome;

namespace words = vocabulary;

Clients::Clients(const Plan& plan, Random& random, Ledger& ledger)
    : plan_(plan), random_(random), ledger_(ledger) {}

void Clients::set_up() {
  for (std::uint64_t i = 0; i < plan_.occasions; ++i) {
    schema::OccasionDetails details = words::details(plan_.capacity, plan_.ttl);
    details.pools.clear();
    for (std::uint64_t pool = 0; pool < plan_.pools; ++pool)
      details.pools.push_back({.name = "pool " + std::to_string(pool), .capacity = plan_.capacity});
    details.claims->one_per_ip = plan_.one_per_ip;
    if (plan_.burn) details.claims->on_expiry = schema::OnExpiry::burn;
    const auto subject = words::occasion("occasion " + std::to_string(i));
    const std::size_t created = add(subject, words::create(std::move(details)));
    add(subject, words::open(), created);
  }
}

std::size_t Clients::add(domain::SubjectId subject, schema::Command command, std::size_t after) {
  Request request{.identity = words::identity("key " + std::to_string(requests_.size())),
                  .subject = subject,
                  .command = std::move(command),
                  .after = after,
                  .send_at = tick_};
  requests_.push_back(std::move(request));
  return requests_.size() - 1;
}

void Clients::tick(schema::Instant now, const Deliver& deliver) {
  ++tick_;
  carry_answers();
  if (happens(plan_.ask)) ask_something();
  send_what_is_due();
  carry_letters(now, deliver);
}

void Clients::ask_something() {
  const auto subject =
      words::occasion("occasion " + std::to_string(random_.below(plan_.occasions)));
  const std::uint64_t dice = random_.below(100);
  if (dice < 55 || claims_.empty()) {
    const std::string person = "person " + std::to_string(random_.below(plan_.people));
    claims_.push_back(
        add(subject, words::claim("key " + std::to_string(requests_.size()), person)));
  } else if (dice < 94) {
    const Request& claim = requests_[random_.one_of(claims_)];
    const schema::ClaimId id = std::get<schema::ClaimTicket>(claim.command).claim;
    const domain::SubjectId of = claim.subject;
    schema::Command command = schema::ReleaseClaim{.claim = id};
    if (dice < 75) command = schema::ConfirmClaim{.claim = id};
    add(of, std::move(command));
  } else {
    const bool closes = dice < 97;
    add(subject, schema::StepOccasion{.step = closes ? schema::OccasionStep::close
                                                     : schema::OccasionStep::open});
  }
  if (happens(plan_.impostor)) {
    // The same key for something else: whoever comes first has it.
    const Request& other = requests_[random_.below(requests_.size())];
    const schema::CommandIdentity theirs = other.identity;
    const std::size_t impostor = add(other.subject, words::open());
    requests_[impostor].identity = {theirs.id, words::identity("", "something else").tag};
  }
}

void Clients::send_what_is_due() {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    Request& request = requests_[i];
    const bool may = request.after == kNone || requests_[request.after].settled;
    const bool again = request.settled && happens(plan_.repeat / 20);
    if (!may || (!again && (request.settled || request.send_at > tick_))) continue;
    send(i);
    if (happens(plan_.doubled)) send(i);
  }
}

void Clients::send(std::size_t index) {
  Request& request = requests_[index];
  if (request.asked == 0) request.asked = ledger_.now();
  request.send_at = tick_ + plan_.patience_ticks;
  if (!happens(plan_.lost)) letters_.push_back({tick_ + delay(), index});
}

void Clients::carry_letters(schema::Instant now, const Deliver& deliver) {
  std::vector<Letter> arriving;
  std::erase_if(letters_, [&](const Letter& letter) {
    if (letter.arrives > tick_) return false;
    arriving.push_back(letter);
    return true;
  });
  for (const Letter& letter : arriving) {
    const Request& request = requests_[letter.request];
    processor::Submission submission = words::submission(request.subject, "", request.command, now);
    submission.identity = request.identity;
    submission.correlation = std::to_string(letter.request);
    // A letter that was long on its way was meant for a time that is over.
    submission.deadline =
        now + (calm_ ? std::chrono::hours(48) : plan_.deadline) -
        schema::Milliseconds(happens(50) ? plan_.deadline * 2 : plan_.deadline * 0);
    submission.respond = [mailbox = mailbox_, index = letter.request](Answer answer) {
      mailbox->answers.emplace_back(index, std::move(answer));
    };
    deliver(std::move(submission));
  }
}

void Clients::carry_answers() {
  for (auto& [request, answer] : std::exchange(mailbox_->answers, {})) {
    if (!happens(plan_.lost)) replies_.push_back({tick_ + delay(), request, std::move(answer)});
  }
  std::erase_if(replies_, [&](const Reply& reply) {
    if (reply.arrives > tick_) return false;
    settle(reply.request, reply.answer);
    return true;
  });
}

void Clients::settle(std::size_t index, const Answer& answer) {
  Request& request = requests_[index];
  if (const auto* outcome = std::get_if<Outcome>(&answer)) {
    ledger_.answered(request.identity, request.asked, *outcome);
    if (!domain::is_too_late(outcome->deciding_event().event)) request.settled = true;
  } else if (std::holds_alternative<processor::KeyReused>(answer)) {
    const bool shared = std::ranges::count(requests_, request.identity.id,
                                           [](const Request& r) { return r.identity.id; }) > 1;
    if (!shared) throw Violation("a key that nobody else used is said to be reused");
    request.settled = true;
  } else if (std::holds_alternative<processor::TooLarge>(answer)) {
    throw Violation("a small command is said to be too large");
  }
}

bool Clients::all_answered() const {
  return mailbox_->answers.empty() && replies_.empty() &&
         std::ranges::all_of(requests_, &Request::settled);
}

std::uint64_t Clients::delay() { return calm_ ? 0 : random_.below(plan_.delay_ticks_max + 1); }

}  // namespace boxoffice::simulation
