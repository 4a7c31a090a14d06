#pragma once

#include "gateway/routes/call.hpp"

/// What the routes lead to. Each answers, or keeps the reply until it can.
namespace boxoffice::gateway {

void list_occasions(Call& call, http::Reply reply);
void create_occasion(Call& call, http::Reply reply);
void show_occasion(Call& call, http::Reply reply);
void change_occasion(Call& call, http::Reply reply);
void open_occasion(Call& call, http::Reply reply);
void close_occasion(Call& call, http::Reply reply);
void cancel_occasion(Call& call, http::Reply reply);
void show_availability(Call& call, http::Reply reply);

void claim_ticket(Call& call, http::Reply reply);
void show_claim(Call& call, http::Reply reply);
void confirm_claim(Call& call, http::Reply reply);
void release_claim(Call& call, http::Reply reply);

void list_keys(Call& call, http::Reply reply);
void create_key(Call& call, http::Reply reply);
void delete_key(Call& call, http::Reply reply);

void list_audit(Call& call, http::Reply reply);

void show_health(Call& call, http::Reply reply);
void show_readiness(Call& call, http::Reply reply);
void show_metrics(Call& call, http::Reply reply);
void show_openapi(Call& call, http::Reply reply);
void show_asyncapi(Call& call, http::Reply reply);
void show_docs(Call& call, http::Reply reply);
void show_home(Call& call, http::Reply reply);

}  // namespace boxoffice::gateway
