@scoped
Feature: Scope tricks
  However a path is written, it opens nothing that the scope does not name. Any
  refusal will do, even that of a server which knows no such path. What is
  opened by the trick would be open by its plain name, so each path is shown to
  exist. Paths are sent as they stand here.

  @SCP-28
  Scenario Outline: With the scope <scope> no <trick> opens <target>
    Given a token for the scopes "<target>"
    Then "<opened>" is open to the token
    Given a token for the scopes "<scope>"
    When "GET <path>" is sent with the token
    Then it is refused

    Examples:
      | trick                        | scope          | path                             | target                 | opened                  |
      | other letter case            | GET {list}     | {OTHER}                          | GET {other}            | GET {other}             |
      | trailing slash               | GET {list}     | {other}/                         | GET {other}            | GET {other}             |
      | doubled slash                | GET {list}     | /{other}                         | GET {other}            | GET {other}             |
      | doubled slash at the end     | GET {list}     | {other}//                        | GET {other}            | GET {other}             |
      | step up                      | GET {list}     | {list}/..{other}                 | GET {other}            | GET {other}             |
      | step up that is encoded      | GET {list}     | {list}/%2e%2e{other}             | GET {other}            | GET {other}             |
      | step up with encoded slashes | GET {list}     | {list}%2F..%2F{other-segment}    | GET {other}            | GET {other}             |
      | trailing slash               | GET {list}/:id | {list}/                          | GET {list}             | GET {list}              |
      | doubled trailing slash       | GET {list}/:id | {list}//                         | GET {list}             | GET {list}              |
      | dot                          | GET {list}/:id | {list}/.                         | GET {list}             | GET {list}              |
      | encoded dot                  | GET {list}/:id | {list}/%2e                       | GET {list}             | GET {list}              |
      | encoded slash at the end     | GET {list}/:id | {list}/%2F                       | GET {list}             | GET {list}              |
      | encoded slash                | GET {list}/:id | {list}/{id}%2F{below}            | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | encoded slash, small         | GET {list}/:id | {list}/{id}%2f{below}            | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | slash encoded twice          | GET {list}/:id | {list}/{id}%252F{below}          | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | trailing slash below         | GET {list}/:id | {list}/{id}/{below}/             | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | doubled slash below          | GET {list}/:id | {list}/{id}//{below}             | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | letter case below            | GET {list}/:id | {list}/{id}/{BELOW}              | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | step up from the item        | GET {list}/:id | {list}/..                        | GET {list}             | GET {list}              |
      | two steps up                 | GET {list}/:id | {list}/{id}/../..{other}         | GET {other}            | GET {other}             |
      | step up to the list          | GET {list}/:id | {list}/{id}/..                   | GET {list}             | GET {list}              |
      | encoded step up to the list  | GET {list}/:id | {list}/{id}%2F..                 | GET {list}             | GET {list}              |
