#include "gateway/auth/authenticator.hpp"

#include "gateway/http/message.hpp"

namespace boxoffice::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kUseInterval = 1h;
constexpr std::size_t kNotedMax = 100'000;
constexpr std::string_view kScheme = "Bearer ";

std::string_view bytes_of(const schema::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

}  // namespace

Authenticator::Authenticator(const Settings& settings, const Services& services)
    : settings_(settings), services_(services) {}

std::expected<Principal, SignInError> Authenticator::sign_in(std::string_view authorization) {
  if (authorization.size() <= kScheme.size() ||
      !http::equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::unexpected(SignInError::malformed);
  }
  const std::string_view text = authorization.substr(kScheme.size());
  const schema::Digest hash = sealing::Vault::key_hash(text);

  if (settings_.admin_key_hash &&
      sealing::equal_in_constant_time(bytes_of(hash), bytes_of(*settings_.admin_key_hash))) {
    return Principal{.id = services_.vault.bootstrap_key(hash),
                     .role = schema::Role::admin,
                     .occasion = std::nullopt};
  }
  const std::optional<schema::KeyId> id = sealing::Vault::key_id(text);
  if (!id) return std::unexpected(SignInError::wrong_key);
  // A key that was deleted meanwhile must not work for long.
  if (services_.accounts.lag() > settings_.read_lag_max)
    return std::unexpected(SignInError::behind);
  const auto key = services_.accounts.key(*id);
  if (!key || !sealing::equal_in_constant_time(bytes_of(hash), bytes_of(key->hash))) {
    return std::unexpected(SignInError::wrong_key);
  }
  note_use(*key);
  return Principal{.id = key->id, .role = key->role, .occasion = key->occasion};
}

bool Authenticator::Uses::note(const schema::KeyId& key, schema::Instant now) {
  const std::lock_guard lock(mutex_);
  if (noted_.size() >= kNotedMax) noted_.clear();
  const auto [noted, fresh] = noted_.try_emplace(key, now);
  if (!fresh && now - noted->second < kUseInterval) return false;
  noted->second = now;
  return true;
}

void Authenticator::Uses::forget(const schema::KeyId& key) {
  const std::lock_guard lock(mutex_);
  noted_.erase(key);
}

void Authenticator::note_use(const projections::KeyView& key) {
  const schema::Instant now = services_.clock();
  if (key.last_used_at && now - *key.last_used_at < kUseInterval) return;
  if (!uses_->note(key.id, now)) return;
  // The same hour at another gateway is the same command. Nobody waits for what comes of it.
  const std::string id = schema::to_text(key.id);
  const auto hour = std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count();
  const bool taken = services_.submit(processor::Submission{
      .identity = services_.vault.identity(id, id, "use " + std::to_string(hour), "use"),
      .subject = key.id.as<domain::SubjectTag>(),
      .command = schema::RecordKeyUse{},
      .actor = id,
      .received = now,
      .deadline = now + settings_.command_deadline,
      .respond = [uses = uses_, id = key.id](const processor::Answer& answer) {
        if (std::holds_alternative<processor::Unavailable>(answer)) uses->forget(id);
      }});
  if (!taken) uses_->forget(key.id);  // the inbox is full
}

}  // namespace boxoffice::gateway
