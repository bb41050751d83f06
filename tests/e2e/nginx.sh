# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A real TLS server in the machine, and its client. To be sourced after
# guest.sh; all its files are in $WEB.

WEB=/root/web

make_web() {
	mkdir -p $WEB/www
	echo 'Hello over TLS.' >$WEB/www/index.html
	chmod 755 /root
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-keyout $WEB/key.pem -out $WEB/cert.pem -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost 2>/dev/null
	cat >$WEB/nginx.conf <<-CONF
		env OPENSSL_ENGINES;
		worker_processes 1;
		pid $WEB/pid;
		error_log $WEB/log notice;
		events { }
		http {
			access_log off;
			server {
				listen 127.0.0.1:443 ssl;
				ssl_certificate $WEB/cert.pem;
				ssl_certificate_key $WEB/key.pem;
				ssl_protocols TLSv1.3;
				root $WEB/www;
			}
		}
	CONF
}

# The environment tells OpenSSL where its engines are, if it should need one.
start_nginx() {
	OPENSSL_ENGINES=$(echo "$MOUNT/current/$LIBDIR"/engines-*) \
		nginx -c $WEB/nginx.conf 2>&1
	wait_until 60 test -s $WEB/pid
}

master() { cat $WEB/pid; }
workers() { pgrep -P "$(master)" | sort; }
nginx_runs_only() {
	local pid

	for pid in $(master) $(workers); do
		runs_only "$pid" "$1" || return 1
	done
}
nginx_is_gone() { [ ! -e $WEB/pid ] && ! pgrep -x nginx >/dev/null; }
stop_nginx() {
	nginx -c $WEB/nginx.conf -s quit 2>/dev/null
	wait_until 60 nginx_is_gone
}
workers_are_new() {
	[ -n "$(workers)" ] && [ -z "$(comm -12 <(workers) <(echo "$1"))" ]
}

fetch() { curl -sS --cacert $WEB/cert.pem https://localhost/; }

# A client that does not stop asking: one line for each answer, good or bad.
start_client() {
	: >$WEB/answers
	while [ ! -e $WEB/enough ]; do
		if fetch >/dev/null 2>>$WEB/answers.errors; then
			echo good
		else
			echo bad
		fi
	done >>$WEB/answers &
	client=$!
}
stop_client() {
	touch $WEB/enough
	wait "$client"
}
answers() { grep -c "$1" $WEB/answers; }
