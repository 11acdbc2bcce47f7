-- Nothing looks moves up in it since 014.
drop table satang.payment_edges;
