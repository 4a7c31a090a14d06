#pragma once

#include <string>

#include "events-schema/json_writer.hpp"
#include "projections/queries.hpp"

/// The resources of the contract as JSON.
namespace boxoffice::gateway {

/// A member that is null where it has no value.
template <class T>
void member_or_null(schema::JsonWriter& json, std::string_view name, const std::optional<T>& of) {
  json.key(name);
  if (of) {
    json.value(*of);
  } else {
    json.null();
  }
}

void write_occasion(std::string& out, const schema::OccasionId& id, schema::OccasionState state,
                    const schema::OccasionDetails& details);

/// What a claim is, wherever it is shown. `token` is empty where it is not.
struct ClaimFacts {
  schema::OccasionId occasion;
  schema::ClaimId id;
  std::string_view state;
  schema::TicketId ticket;
  std::uint64_t number = 0;
  std::string_view pool;
  std::optional<schema::Instant> expires_at;
  std::string_view token;
};
void write_claim(std::string& out, const ClaimFacts& claim);

void write_key(std::string& out, const projections::KeyView& key);

/// `{"items":[…],"next":…}` around items that are JSON already.
class ListBody {
 public:
  ListBody() : body_("{\"items\":[") {}
  /// Where the next item is written to.
  std::string& next_item() {
    if (body_.back() != '[') body_ += ',';
    return body_;
  }
  /// The whole; `extensions` are further members, `,"name":value` each.
  std::string finished(const std::optional<std::string>& next, std::string_view extensions = {}) &&;

 private:
  std::string body_;
};

}  // namespace boxoffice::gateway
