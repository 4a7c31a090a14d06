#pragma once

#include <functional>
#include <utility>

#include "gateway/routes/call.hpp"

/// How handlers ask the read models, which may be in another process: with a question, and what to
/// do with its answer. Where the answer is there at once, that happens at once; otherwise on the
/// request's io thread when it comes. Where none comes, the reply is refused.
namespace boxoffice::gateway {

/// What goes on with an answer of any kind.
using GoOn = std::move_only_function<void(Call& call, http::Reply reply, projections::Answer)>;
/// The call is kept until then, and whatever it refers to.
void ask_later(Call& call, http::Reply reply, projections::Question question, GoOn go_on);

/// `then(call, reply, answer)`. The call that it gets may be another object than this one, for the
/// same request.
template <class Question, class Then>
void ask(Call& call, http::Reply reply, Question question, Then then) {
  projections::Question asked(std::move(question));
  if (auto answer = call.services().desk.at_once(asked, call.at_least))
    return then(call, std::move(reply), std::get<typename Question::Answer>(*std::move(answer)));
  ask_later(
      call, std::move(reply), std::move(asked),
      [then = std::move(then)](Call& same, http::Reply to, projections::Answer answer) mutable {
        then(same, std::move(to), std::get<typename Question::Answer>(std::move(answer)));
      });
}

}  // namespace boxoffice::gateway
