#include "tests/simulation/clients.hpp"

#include <algorithm>

#include "tests/processor/vocabulary.hpp"
#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

using processor::Answer;
using processor::Outcome;

namespace words = vocabulary;

Clients::Clients(const Plan& plan, Random& random, Ledger& ledger, Readers& readers)
    : plan_(plan), random_(random), ledger_(ledger), readers_(readers), repertoire_(plan, random) {}

void Clients::set_up() {
  for (std::uint64_t i = 0; i < plan_.occasions; ++i) {
    const std::size_t created = add(repertoire_.creation(i));
    add(repertoire_.opening(i), created);
  }
}

schema::CommandIdentity Clients::next_identity() const {
  return words::identity("key " + std::to_string(requests_.size()));
}

std::size_t Clients::add(Wish wish, std::size_t after) {
  Request request{
      .identity = next_identity(), .wish = std::move(wish), .after = after, .send_at = tick_};
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
  add(repertoire_.anything(next_identity().id));
  if (happens(plan_.impostor)) {
    // The same key for something else: whoever comes first has it.
    const Request& other = requests_[random_.below(requests_.size())];
    const schema::CommandIdentity theirs = other.identity;
    const std::size_t impostor = add({other.wish.subject, words::open()});
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
    processor::Submission submission =
        words::submission(request.wish.subject, "", request.wish.command, now);
    submission.identity = request.identity;
    submission.actor = request.wish.actor;
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
    ledger_.answered(request.identity, first_asked(request.identity), *outcome);
    repertoire_.hear(*outcome);
    if (happens(plan_.read_back)) readers_.want(*outcome);
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

/// Several may have asked for the same under one key.
Ledger::Moment Clients::first_asked(const schema::CommandIdentity& identity) const {
  Ledger::Moment first = ~Ledger::Moment{0};
  for (const Request& request : requests_)
    if (request.identity == identity && request.asked != 0) first = std::min(first, request.asked);
  return first;
}

bool Clients::all_answered() const {
  return mailbox_->answers.empty() && replies_.empty() &&
         std::ranges::all_of(requests_, &Request::settled);
}

std::uint64_t Clients::delay() { return calm_ ? 0 : random_.below(plan_.delay_ticks_max + 1); }

}  // namespace boxoffice::simulation
