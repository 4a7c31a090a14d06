#include "gateway/routes/resources.hpp"

namespace boxoffice::gateway {

using schema::JsonWriter;

void write_occasion(std::string& out, const schema::OccasionId& id, schema::OccasionState state,
                    const schema::OccasionDetails& details) {
  JsonWriter(out).begin_object().member("id", id).member("state", to_text(state));
  // The details' members follow those two: their own brace becomes the comma.
  const std::size_t brace = out.size();
  schema::write_object(out, details);
  out[brace] = ',';
}

void write_claim(std::string& out, const ClaimFacts& claim) {
  JsonWriter json(out);
  json.begin_object()
      .member("id", claim.id)
      .member("occasion", claim.occasion)
      .member("state", claim.state)
      .key("ticket")
      .begin_object()
      .member("id", claim.ticket)
      .member("number", claim.number)
      .member("pool", claim.pool)
      .end_object();
  member_or_null(json, "expires_at", claim.expires_at);
  if (!claim.token.empty()) json.member("token", claim.token);
  json.end_object();
}

void write_key(std::string& out, const projections::KeyView& key) {
  JsonWriter json(out);
  json.begin_object()
      .member("id", key.id)
      .member("name", key.name)
      .member("role", to_text(key.role));
  member_or_null(json, "occasion", key.occasion);
  json.member("created_at", key.created_at);
  member_or_null(json, "last_used_at", key.last_used_at);
  json.end_object();
}

std::string ListBody::finished(const std::optional<std::string>& next,
                               std::string_view extensions) && {
  body_ += "],\"next\":";
  if (next) {
    schema::write_json(body_, *next);
  } else {
    body_ += "null";
  }
  body_ += extensions;
  body_ += '}';
  return std::move(body_);
}

}  // namespace boxoffice::gateway
