#include "app/admin/key_desk.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <future>

#include "app/admin/administrators.hpp"
#include "events-schema/json_writer.hpp"
#include "gateway/http/target.hpp"
#include "gateway/routes/names.hpp"
#include "gateway/routes/refusals.hpp"

namespace boxoffice::app {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);
constexpr std::string_view kConsole = "console";

/// nullopt: a key may be called that.
std::optional<std::string> why_no_name(std::string_view name) {
  if (!gateway::http::is_utf8(name)) return "name: must be UTF-8";
  if (!schema::length_fits(name, gateway::kKeyName)) return "name: must have 1 to 200 characters";
  if (gateway::is_readable_name(name)) return std::nullopt;
  return "name: must have more than white space, and no control characters";
}

/// nullopt: there is no administrator yet.
std::optional<std::string> why_not_first(const projections::Queries& queries) {
  const auto found = has_administrator(queries);
  if (!found) return "the read models cannot say whether there is an administrator; try again";
  if (!*found) return std::nullopt;
  return "there is an administrator already; boxoffice admin key makes further keys";
}

}  // namespace

std::expected<NewKey, std::string> KeyDesk::create(const KeyWish& wish) {
  if (const auto why = why_no_name(wish.name)) return std::unexpected(*why);
  if (wish.first) {
    if (const auto why = why_not_first(engine_.queries())) return std::unexpected(*why);
  }
  if (wish.occasion && !engine_.queries().occasion(*wish.occasion))
    return std::unexpected(
        fmt::format("occasion: there is no occasion {}", to_text(*wish.occasion)));
  const sealing::Vault& vault = engine_.vault();
  const auto identity = vault.identity(kConsole, "keys", sealing::random_text(), "create");
  const auto id = identity.id.as<schema::KeyTag>();
  const std::string text = vault.key_text(id);
  auto decided = decide(identity, identity.id.as<domain::SubjectTag>(),
                        schema::CreateKey{.name = wish.name,
                                          .role = wish.role,
                                          .occasion = wish.occasion,
                                          .hash = sealing::Vault::key_hash(text)});
  if (!decided) return std::unexpected(decided.error());
  return NewKey{to_text(id), text};
}

std::expected<void, std::string> KeyDesk::remove(const schema::KeyId& id) {
  const auto identity =
      engine_.vault().identity(kConsole, to_text(id), sealing::random_text(), "delete");
  auto decided = decide(identity, id.as<domain::SubjectTag>(), schema::DeleteKey{});
  if (!decided) return std::unexpected(decided.error());
  return {};
}

std::expected<schema::Position, std::string> KeyDesk::decide(schema::CommandIdentity identity,
                                                             domain::SubjectId subject,
                                                             schema::Command command) {
  auto answered = std::make_shared<std::promise<processor::Answer>>();
  auto answer = answered->get_future();
  const auto now = wall_clock();
  processor::Submission submission{
      .identity = identity,
      .subject = subject,
      .command = std::move(command),
      .actor = std::string(kConsole),
      .received = now,
      .deadline = now + std::chrono::milliseconds(kPatience),
      .respond = [answered](processor::Answer given) { answered->set_value(std::move(given)); }};
  if (!engine_.submit(std::move(submission)))
    return std::unexpected("the service is busy; try again");
  if (answer.wait_for(kPatience) != std::future_status::ready)
    return std::unexpected("no decision within 30 s");
  const processor::Answer given = answer.get();
  const auto* outcome = std::get_if<processor::Outcome>(&given);
  if (!outcome)
    return std::unexpected(
        "nothing was decided: the log cannot be written; the service's log says why");
  const auto& event = outcome->deciding_event();
  if (const auto refusal = gateway::refusal_of(event.event))
    return std::unexpected(
        fmt::format("{}: {}", refusal->name, gateway::problem_of(*refusal).detail));

  auto shown = std::make_shared<std::promise<bool>>();
  auto reached = shown->get_future();
  engine_.queries().when_reached({event.envelope.position},
                                 std::chrono::steady_clock::now() + kPatience,
                                 [shown](bool is) { shown->set_value(is); });
  if (!reached.get()) return std::unexpected("it is decided, but the read models are behind");
  return event.envelope.position;
}

std::string to_json(const KeyWish& wish) {
  std::string json;
  schema::JsonWriter(json)
      .begin_object()
      .member("name", wish.name)
      .member("role", schema::to_text(wish.role))
      .member("occasion", wish.occasion ? to_text(*wish.occasion) : std::string())
      .member("first", wish.first)
      .end_object();
  return json;
}

std::expected<KeyWish, std::string> key_wish_from(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element wish;
  std::string_view name, role, occasion;
  bool first = false;
  if (parser.parse(simdjson::padded_string(json)).get(wish) || wish["name"].get(name) ||
      wish["role"].get(role) || wish["occasion"].get(occasion) || wish["first"].get(first))
    return std::unexpected("not a wish for a key");
  const auto known = schema::role_from_text(role);
  if (!known) return std::unexpected(fmt::format("role: there is no role '{}'", role));
  KeyWish result{.name = std::string(name), .role = *known, .first = first};
  if (!occasion.empty()) {
    result.occasion = schema::id_from_text<schema::OccasionId>(occasion);
    if (!result.occasion) return std::unexpected(fmt::format("occasion: '{}' is no id", occasion));
  }
  return result;
}

std::string to_json(const schema::KeyId& id) {
  std::string json;
  schema::JsonWriter(json).begin_object().member("id", to_text(id)).end_object();
  return json;
}

std::expected<schema::KeyId, std::string> key_id_from(std::string_view json) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(json))["id"].get(text))
    return std::unexpected("not a wish to end a key");
  const auto id = schema::id_from_text<schema::KeyId>(text);
  if (!id) return std::unexpected("id: not the id of a key");
  return *id;
}

std::string to_json(const NewKey& key) {
  std::string json;
  schema::JsonWriter(json).begin_object().member("id", key.id).member("key", key.key).end_object();
  return json;
}

std::expected<NewKey, std::string> new_key_from(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element made;
  std::string_view id, key;
  if (parser.parse(simdjson::padded_string(json)).get(made) || made["id"].get(id) ||
      made["key"].get(key))
    return std::unexpected("the service answered what this program does not understand");
  return NewKey{std::string(id), std::string(key)};
}

}  // namespace boxoffice::app
