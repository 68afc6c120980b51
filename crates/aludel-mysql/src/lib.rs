//! Aludel on MariaDB and MySQL.
