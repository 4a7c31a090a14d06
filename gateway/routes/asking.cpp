#include "gateway/routes/asking.hpp"

#include "events-schema/codec.hpp"
#include "gateway/routes/command.hpp"

namespace boxoffice::gateway {

namespace {

using projections::Answer;
using projections::Inquiry;
using projections::NoAnswer;

std::string_view moved(std::string_view view, std::string_view from, std::string_view to) {
  return view.data() == nullptr
             ? view
             : to.substr(static_cast<std::size_t>(view.data() - from.data()), view.size());
}

/// A call that waits for an answer, with all that it refers to.
class ParkedCall {
 public:
  ParkedCall(Call& from, http::Reply to)
      : target_(from.request.target),
        body_(from.request.body),
        peer_(from.request.peer),
        id_(from.request.id),
        reply(std::move(to)),
        call{.environment = from.environment,
             .request = request_,
             .route = from.route,
             .parts = from.parts,
             .query = std::move(from.query),
             .path = moved(from.path, from.request.target, target_),
             .client = std::move(from.client),
             .principal = from.principal,
             .request_id = std::move(from.request_id),
             .at_least = std::move(from.at_least),
             .strict = from.strict} {
    body_.reserve(body_.size() + schema::kPadding);
    for (std::string_view& part : call.parts) part = moved(part, from.request.target, target_);
    for (const http::Header& header : from.request.headers)
      texts_.emplace_back(header.name, header.value);
    for (const auto& [name, value] : texts_) headers_.push_back({name, value});
    request_ = {.method = from.request.method,
                .target = target_,
                .headers = headers_,
                .body = body_,
                .body_too_large = from.request.body_too_large,
                .peer = peer_,
                .id = id_,
                .started = from.request.started};
  }
  ParkedCall(const ParkedCall&) = delete;
  ParkedCall& operator=(const ParkedCall&) = delete;

 private:
  std::string target_;
  std::string body_;
  std::string peer_;
  std::string id_;
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<http::Header> headers_;
  http::Request request_;  // views of the above

 public:
  http::Reply reply;
  Call call;
};

void refuse_unanswered(const Call& call, http::Reply& reply, NoAnswer why) {
  switch (why) {
    case NoAnswer::not_reached:
      return refuse_for_now(call, reply, "not_reached",
                            "The read models do not have that position yet.");
    case NoAnswer::unavailable:
      return refuse_for_now(call, reply, "unavailable", "The read models cannot answer now.");
  }
}

}  // namespace

void ask_later(Call& call, http::Reply reply, projections::Question question, GoOn go_on) {
  Environment& environment = call.environment;
  // Projectors are not all equally far: what this gateway has changed, it shows.
  std::optional<schema::Partition> concerned;
  if (call.route.operation.of_occasion)
    concerned = schema::partition_of(call.parts[0], environment.services.partitions);
  std::vector<schema::Position> at_least = environment.told.changes(concerned);
  at_least.insert(at_least.end(), call.at_least.begin(), call.at_least.end());
  Inquiry inquiry{.question = std::move(question),
                  .at_least = std::move(at_least),
                  .wait_until = std::chrono::steady_clock::now() + environment.settings.read_wait,
                  .strict = call.strict};
  auto parked = std::make_shared<ParkedCall>(call, std::move(reply));
  environment.services.desk.ask(
      std::move(inquiry), [parked = std::move(parked), go_on = std::move(go_on)](
                              std::expected<Answer, NoAnswer> answer) mutable {
        http::Home& home = *parked->reply.home();
        home.post([parked = std::move(parked), go_on = std::move(go_on),
                   answer = std::move(answer)]() mutable {
          if (!answer) return refuse_unanswered(parked->call, parked->reply, answer.error());
          go_on(parked->call, std::move(parked->reply), *std::move(answer));
        });
      });
}

}  // namespace boxoffice::gateway
