#include "projections/desk/local_desk.hpp"

#include <algorithm>

#include "projections/desk/answer.hpp"
#include "projections/desk/workers.hpp"

namespace boxoffice::projections {
namespace {

/// A question on its way to its answer, which callbacks that are copied can share.
struct Asked {
  Question question;
  bool strict;
  Desk::Then then;
};

}  // namespace

struct LocalDesk::Threads {
  explicit Threads(const LocalDeskSettings& settings)
      : short_ones("answering", settings.short_threads, settings.waiting_max),
        long_ones("long-answers", settings.long_threads, settings.waiting_max) {}

  void answer_later(const Queries& queries, const std::shared_ptr<Asked>& asked) {
    Workers& workers = takes_long(asked->question) ? long_ones : short_ones;
    const bool taken =
        workers.post([&queries, asked] { asked->then(answer(queries, asked->question)); });
    if (!taken) asked->then(std::unexpected(NoAnswer::unavailable));
  }

  Workers short_ones;
  Workers long_ones;
};

LocalDesk::LocalDesk(const Queries& queries, const LocalDeskSettings& settings)
    : queries_(queries), threads_(std::make_shared<Threads>(settings)) {}

std::optional<Answer> LocalDesk::at_once(const Question& question,
                                         std::span<const Position> at_least) const {
  const bool reached = std::ranges::all_of(
      at_least, [this](Position position) { return queries_.reached(position); });
  if (!reached || takes_long(question)) return std::nullopt;
  return answer(queries_, question);
}

void LocalDesk::ask(Inquiry inquiry, Then then) {
  auto asked =
      std::make_shared<Asked>(std::move(inquiry.question), inquiry.strict, std::move(then));
  // The models may call back when this is gone.
  queries_.when_reached(
      std::move(inquiry.at_least), inquiry.wait_until,
      [&queries = queries_, asked, threads = std::weak_ptr(threads_)](bool reached) {
        if (!reached && asked->strict) return asked->then(std::unexpected(NoAnswer::not_reached));
        if (std::holds_alternative<Arrival>(asked->question)) return asked->then(Answer());
        const auto here = threads.lock();
        if (!here) return asked->then(std::unexpected(NoAnswer::unavailable));
        here->answer_later(queries, asked);
      });
}

}  // namespace boxoffice::projections
