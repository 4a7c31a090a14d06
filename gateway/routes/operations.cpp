#include "events-schema/json_writer.hpp"
#include "gateway/metrics/metrics.hpp"
#include "gateway/openapi/document.hpp"
#include "gateway/openapi/pages.hpp"
#include "gateway/routes/handlers.hpp"

// Health, metrics and the documents.
namespace boxoffice::gateway {

namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

}  // namespace

void show_health(Call&, http::Reply reply) { reply.send(200, http::kJson, R"({"status":"ok"})"); }

void show_readiness(Call& call, http::Reply reply) {
  const Readiness readiness = call.services().readiness();
  const auto lag = call.services().desk.lag();
  std::string body;
  schema::JsonWriter json(body);
  json.begin_object().member("ready", readiness.ready).member("lag_ms", lag.count()).key("reasons");
  json.begin_array();
  for (const std::string& reason : readiness.reasons) json.value(reason);
  json.end_array().end_object();
  if (!readiness.ready) reply.add_header("Retry-After", "1");
  reply.send(readiness.ready ? 200 : 503, http::kJson, body);
}

void show_metrics(Call& call, http::Reply reply) {
  reply.send(200, "text/plain; version=0.0.4; charset=utf-8",
             call.environment.metrics.text(call.services().metrics));
}

void show_openapi(Call& call, http::Reply reply) {
  reply.send(200, http::kJson, call.environment.openapi);
}

void show_asyncapi(Call&, http::Reply reply) { reply.send(200, http::kJson, asyncapi_document()); }

void show_docs(Call&, http::Reply reply) {
  reply.add_header("Content-Security-Policy",
                   "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                   "connect-src 'self'");
  reply.send(200, kHtml, docs_page());
}

void show_home(Call&, http::Reply reply) {
  reply.add_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  reply.send(200, kHtml, home_page());
}

}  // namespace boxoffice::gateway
